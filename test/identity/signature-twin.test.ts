import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { DerReader, derTags, readWhole } from '../../src/identity/der.ts';
import { encodeBits, encodeSequence, encodeUnsigned } from '../../src/identity/der-writer.ts';
import { createPki } from '../support/pki.ts';
import { accepted } from './chain-fixture.ts';

describe('twinFingerprints', () => {
  it('names the twin that really verifies, and the twin names the original', async () => {
    using pki = createPki();
    for (const [key, order] of [
      ['ec-p256', 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n],
      [
        'ec-p384',
        0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
      ],
    ] as const) {
      const root = await pki.authority({ key });
      const leaf = await pki.client(root);
      const twin = { der: twinOf(leaf.der, order) };
      assert.notDeepEqual(twin.der, leaf.der);
      assert.ok(new X509Certificate(twin.der).verify(new X509Certificate(root.der).publicKey));
      const first = accepted({ leaf, trusted: [root] });
      const second = accepted({ leaf: twin, trusted: [root] });
      assert.equal(second.fingerprint, createHash('sha256').update(twin.der).digest('hex'));
      assert.deepEqual(first.twinFingerprints, [second.fingerprint]);
      assert.deepEqual(second.twinFingerprints, [first.fingerprint]);
    }
  });

  it('is empty for RSA, whose signatures have no twin', async () => {
    using pki = createPki();
    const root = await pki.authority({ key: 'rsa-2048' });
    const { twinFingerprints } = accepted({ leaf: await pki.client(root), trusted: [root] });
    assert.deepEqual(twinFingerprints, []);
  });
});

function twinOf(der: Uint8Array, order: bigint): Uint8Array {
  const outer = new DerReader(readWhole(der, derTags.sequence, 'certificate').content);
  const tbs = outer.read(derTags.sequence, 'tbs').raw;
  const algorithm = outer.read(derTags.sequence, 'algorithm').raw;
  const bits = outer.read(derTags.bitString, 'signature').content.subarray(1);
  const signature = new DerReader(readWhole(bits, derTags.sequence, 'signature').content);
  const r = signature.read(derTags.integer, 'r').raw;
  const s = BigInt(
    `0x${Buffer.from(signature.read(derTags.integer, 's').content).toString('hex')}`,
  );
  const twin = encodeSequence(r, encodeUnsigned(order - s));
  return new Uint8Array(encodeSequence(tbs, algorithm, encodeBits(twin)));
}
