import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Credential, createPki, daysFrom, type Pki } from '../support/pki.ts';
import { pathProblem } from '../support/pkijs-reference.ts';

describe('pathProblem', () => {
  let pki: Pki;
  let root: Credential;
  let middle: Credential;
  let leaf: Credential;
  const now = new Date();

  before(async () => {
    pki = createPki();
    root = await pki.authority({ subject: '/CN=root' });
    middle = await pki.authority({ subject: '/CN=middle' }, root);
    leaf = await pki.client(middle);
  });
  after(() => pki[Symbol.dispose]());

  const problemOf = (path: readonly Credential[], at = now) =>
    pathProblem(
      path.map(({ der }) => der),
      at,
    );

  it('finds nothing wrong with a good path', async () => {
    assert.equal(await problemOf([leaf, middle, root]), undefined);
    assert.equal(await problemOf([leaf, middle]), undefined);
  });

  it('is not led to prove the intermediate instead of a forged end entity', async () => {
    const impostor = await pki.authority({ subject: '/CN=middle' });
    const forged = await pki.client(impostor);
    assert.match((await problemOf([forged, middle, root])) ?? '', /pkijs refuses it/);
    assert.match((await problemOf([middle, forged, root])) ?? '', /pkijs refuses it/);
    assert.match((await problemOf([forged, root])) ?? '', /pkijs refuses it/);
    assert.match((await problemOf([leaf, root])) ?? '', /pkijs refuses it/);
  });

  it('refuses a path that ends before it is one', async () => {
    assert.match((await problemOf([leaf])) ?? '', /too short/);
    assert.match((await problemOf([])) ?? '', /too short/);
    assert.ok(await problemOf([root, root]));
    assert.ok(await problemOf([leaf, leaf]));
    assert.ok(await problemOf([leaf, middle, leaf]));
  });

  it('refuses what is expired at the time that it is asked about', async () => {
    assert.match((await problemOf([leaf, middle, root], daysFrom(now, 400))) ?? '', /expired/);
    assert.match((await problemOf([leaf, middle, root], daysFrom(now, -2))) ?? '', /not yet valid/);
  });

  it('refuses an intermediate that is no CA', async () => {
    const client = await pki.client(root, { subject: '/CN=client' });
    assert.match((await problemOf([await pki.client(client), client, root])) ?? '', /not a CA/);
  });

  it('answers for bytes that are no certificate, and does not throw', async () => {
    for (const der of [new Uint8Array(), Uint8Array.of(0x30, 0x00), new Uint8Array(999).fill(4)]) {
      assert.match((await pathProblem([der, root.der], now)) ?? '', /cannot read a certificate/);
    }
    const longer = Buffer.concat([leaf.der, Buffer.of(0)]);
    assert.match((await pathProblem([longer, middle.der], now)) ?? '', /cannot read a certificate/);
  });
});
