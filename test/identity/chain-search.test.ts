import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Authority, AuthorityStore } from '../../src/identity/authority-store.ts';
import type { Certificate } from '../../src/identity/certificate.ts';
import { ChainSearch } from '../../src/identity/chain-search.ts';
import { type Credential, createPki, type Pki } from '../support/pki.ts';
import { parsed } from './chain-fixture.ts';

/** Notes whom its key was asked about: each of these costs a signature check. */
class NotingAuthority extends Authority {
  readonly asked: Certificate[] = [];

  override hasSigned(certificate: Certificate): boolean {
    this.asked.push(certificate);
    return super.hasSigned(certificate);
  }
}

describe('ChainSearch', () => {
  let pki: Pki;
  let root: Credential;
  let middle: Credential;
  const noIds = { subjectKeyIdentifier: 'none', authorityKeyIdentifier: 'none' };

  before(async () => {
    pki = createPki();
    root = await pki.authority({ subject: '/CN=root' });
    middle = await pki.authority({ subject: '/CN=middle' }, root);
  });
  after(() => pki[Symbol.dispose]());

  const search = (leaf: Credential, ...sent: readonly Credential[]) => {
    const noting = sent.map((one) => new NotingAuthority(parsed(one), 'sent'));
    const chains = new ChainSearch(new AuthorityStore([parsed(root)]), noting, new Date());
    const paths = [...chains.paths(parsed(leaf))];
    return { paths, asked: noting.map(({ asked }) => asked.length) };
  };

  it('T19c never computes with keys that nobody of the CA file vouches for', async () => {
    const own = await pki.authority({ subject: '/CN=root', extensions: noIds });
    const sub = await pki.authority({ subject: '/CN=sub', extensions: noIds }, own);
    const knot = await Promise.all(
      Array.from({ length: 4 }, () =>
        pki.authority({ subject: '/CN=sub', key: sub, extensions: noIds }, sub),
      ),
    );
    const leaf = await pki.client(sub, { extensions: { authorityKeyIdentifier: 'none' } });
    const { paths, asked } = search(leaf, sub, own, ...knot);
    assert.deepEqual(paths, []);
    assert.deepEqual(asked, [0, 0, 0, 0, 0, 0]);
  });

  it('asks the key of an intermediate whose own signature was right, and of no impostor', async () => {
    const impostor = await pki.authority({ subject: '/CN=middle', extensions: noIds });
    const leaf = await pki.client(middle);
    const { paths, asked } = search(leaf, impostor, middle);
    assert.equal(paths.length, 1);
    // About the client's certificate, and about the impostor's, which names it too.
    assert.deepEqual(asked, [0, 2]);
  });

  it('asks it about a forgery as well, and once', async () => {
    const impostor = await pki.authority({ subject: '/CN=middle', extensions: noIds });
    const forged = await pki.client(impostor, { extensions: { authorityKeyIdentifier: 'none' } });
    assert.deepEqual(search(forged, middle), { paths: [], asked: [1] });
  });
});
