import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Authority, AuthorityStore } from '../../src/identity/authority-store.ts';
import { type RevocationCheck, verifyChain } from '../../src/identity/chain.ts';
import { IntermediateMemory } from '../../src/identity/intermediate-memory.ts';
import type { CertificateVerdict } from '../../src/plugin.ts';
import { type Credential, createPki, daysFrom, type Pki } from '../support/pki.ts';
import { parsed } from './chain-fixture.ts';

describe('intermediate CAs that clients sent', () => {
  let pki: Pki;
  let root: Credential;
  let middle: Credential;
  let lower: Credential;
  let client: Credential;
  const now = new Date();

  before(async () => {
    pki = createPki();
    root = await pki.authority({ subject: '/CN=root' });
    middle = await pki.authority({ subject: '/CN=middle', notAfter: daysFrom(now, 30) }, root);
    lower = await pki.authority({ subject: '/CN=lower' }, middle);
    client = await pki.client(lower);
  });
  after(() => pki[Symbol.dispose]());

  interface Presented {
    readonly leaf?: Credential;
    readonly sent?: readonly Credential[];
    readonly at?: Date;
    readonly revocation?: RevocationCheck;
  }

  const ask = (authorities: AuthorityStore, presented: Presented = {}): CertificateVerdict =>
    verifyChain({
      leaf: (presented.leaf ?? client).der,
      intermediates: (presented.sent ?? [lower, middle]).map(({ der }) => der),
      authorities,
      now: presented.at ?? now,
      revocation: presented.revocation,
    });
  const reasonOf = (verdict: CertificateVerdict): string => (verdict.valid ? '' : verdict.reason);
  const storeOf = (...trusted: readonly Credential[]): AuthorityStore =>
    new AuthorityStore(trusted.map(parsed));

  it('are remembered once a chain of signatures leads to them, and serve the next client', async () => {
    const store = storeOf(root);
    assert.ok(ask(store).valid);
    assert.equal(store.intermediates.size, 2);
    const kept = store.intermediates.find(parsed(lower).fingerprint);
    assert.ok(ask(store, { leaf: await pki.client(lower) }).valid);
    assert.equal(store.intermediates.find(parsed(lower).fingerprint), kept);
    assert.equal(store.intermediates.size, 2);
  });

  it('are remembered as well when the certificate below them is a forgery', async () => {
    const store = storeOf(root);
    const impostor = await pki.authority({ subject: '/CN=lower' });
    const extensions = { authorityKeyIdentifier: 'none' };
    const forged = await pki.client(impostor, { extensions });
    assert.match(reasonOf(ask(store, { leaf: forged })), /with the key that signed it/);
    assert.equal(store.intermediates.size, 2);
  });

  it('T19b are not remembered when no key of the CA file vouches for them', async () => {
    const store = storeOf(root);
    const own = await pki.authority({ subject: '/CN=root' });
    const sub = await pki.authority({ subject: '/CN=sub' }, own);
    const leaf = await pki.client(sub);
    const extensions = { subjectKeyIdentifier: 'none', authorityKeyIdentifier: 'none' };
    const named = await pki.authority({ subject: '/CN=sub', key: sub, extensions }, own);
    for (const sent of [[sub, own], [sub], [named], [own, sub, named]]) {
      assert.ok(!ask(store, { leaf, sent }).valid);
    }
    assert.equal(store.intermediates.size, 0);
  });

  it('are forgotten with the anchors: another CA file knows nothing of them', () => {
    const store = storeOf(root);
    assert.ok(ask(store).valid);
    assert.equal(storeOf(root).intermediates.size, 0);
    assert.match(reasonOf(ask(store, { sent: [lower] })), /its issuer CN=middle is not among/);
  });

  it('T19 are held to their dates each time', () => {
    const store = storeOf(root);
    assert.ok(ask(store).valid);
    assert.match(
      reasonOf(ask(store, { at: daysFrom(now, 31) })),
      /CN=middle cannot be used: it exp/,
    );
    assert.match(reasonOf(ask(store, { at: daysFrom(now, -2) })), /it is not valid before/);
    assert.ok(ask(store).valid);
  });

  it('T16 are judged by revocation each time', () => {
    const store = storeOf(root);
    assert.ok(ask(store).valid);
    const asked: string[] = [];
    const revocation: RevocationCheck = (path) => {
      asked.push(...path.map(({ serial }) => serial));
      return { problem: 'its CA was revoked' };
    };
    assert.equal(reasonOf(ask(store, { revocation })), 'its CA was revoked');
    assert.deepEqual(
      asked,
      [client, lower, middle, root].map((one) => parsed(one).serial),
    );
    assert.ok(ask(store).valid);
  });

  it('T18 are held to the length of the path each time, wherever they stand', async () => {
    const top = await pki.authority({
      subject: '/CN=top',
      extensions: { basicConstraints: 'critical,CA:TRUE,pathlen:1' },
    });
    const first = await pki.authority({ subject: '/CN=first' }, top);
    const second = await pki.authority({ subject: '/CN=second' }, first);
    const store = storeOf(top);
    assert.ok(ask(store, { leaf: await pki.client(first), sent: [first] }).valid);
    const below = { leaf: await pki.client(second), sent: [first, second] };
    assert.match(reasonOf(ask(store, below)), /pathLenConstraint allows 1 CAs below it/);
  });

  it('are what they were, whatever becomes of the bytes of the request', () => {
    const store = storeOf(root);
    const bytes = new Uint8Array(lower.der);
    const request = { authorities: store, now, leaf: client.der };
    assert.ok(verifyChain({ ...request, intermediates: [bytes, middle.der] }).valid);
    bytes.fill(0);
    assert.ok(ask(store).valid);
    assert.ok(!verifyChain({ ...request, intermediates: [bytes, middle.der] }).valid);
  });
});

describe('IntermediateMemory', () => {
  const limits = { entriesMax: 3, bytesMax: 10_000 };
  const authority = (fingerprint: string, length = 100): Authority =>
    new Authority({ fingerprint, der: new Uint8Array(length) } as never, 'sent');
  const kept = (memory: IntermediateMemory, names: string): string =>
    [...names].filter((name) => memory.find(name) !== undefined).join('');

  it('keeps as many as it may, and then those that were seen last', () => {
    const memory = new IntermediateMemory(limits);
    for (const name of 'abc') memory.keep(authority(name));
    assert.equal(kept(memory, 'abc'), 'abc');
    memory.keep(authority('a'));
    memory.keep(authority('d'));
    assert.equal(kept(memory, 'abcd'), 'acd');
    assert.equal(memory.size, 3);
  });

  it('keeps no more bytes than it may', () => {
    const memory = new IntermediateMemory(limits);
    memory.keep(authority('a', 4000));
    memory.keep(authority('b', 6000));
    assert.equal(kept(memory, 'ab'), 'ab');
    memory.keep(authority('b', 6000));
    assert.equal(kept(memory, 'ab'), 'ab');
    memory.keep(authority('c', 1));
    assert.equal(kept(memory, 'abc'), 'bc');
    memory.keep(authority('d', 10_001));
    assert.equal(memory.size, 0);
  });
});
