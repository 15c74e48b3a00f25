import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { isSignedBy, publicKeyProblem } from '../../src/identity/algorithms.ts';
import type { PublicKeyInfo } from '../../src/identity/certificate.ts';
import {
  encodeBits,
  encodeElement,
  encodeOid,
  encodeSequence,
  encodeUnsigned,
} from '../../src/identity/der-writer.ts';
import { rsaBitsMax, rsaBitsMin, rsaExponentBitsMax } from '../../src/identity/rsa-key.ts';
import { type Credential, createPki, type Pki } from '../support/pki.ts';
import { resign } from '../support/resign.ts';
import { accepted, parsed, refused } from './chain-fixture.ts';

describe('accepted algorithms', () => {
  let pki: Pki;
  let root: Credential;
  let client: Credential;

  before(async () => {
    pki = createPki();
    root = await pki.authority({ subject: '/CN=root' });
    client = await pki.client(root);
  });
  after(() => pki[Symbol.dispose]());

  it('accept keys and signatures of RSA 2048, P-256, P-384 and leaves of Ed25519', async () => {
    for (const key of ['rsa-2048', 'ec-p384'] as const) {
      const ca = await pki.authority({ key });
      for (const digest of ['sha256', 'sha384'] as const) {
        accepted({ leaf: await pki.client(ca, { key, digest }), trusted: [ca] });
      }
    }
    accepted({ leaf: await pki.client(root, { key: 'ed25519' }), trusted: [root] });
  });

  it('T19a refuse signatures by MD5, SHA-1 and Ed25519, also of intermediates', async () => {
    const rsa = await pki.authority({ subject: '/CN=rsa', key: 'rsa-2048' });
    for (const [digest, name] of [
      ['md5', 'MD5'],
      ['sha1', 'SHA-1'],
    ] as const) {
      const reason = new RegExp(`it is signed with ${name}; accepted are`);
      refused({ leaf: await pki.client(rsa, { digest }), trusted: [rsa] }, reason);
      const weak = await pki.authority({ subject: '/CN=weak', digest }, rsa);
      const leaf = await pki.client(weak);
      refused({ leaf, sent: [weak], trusted: [rsa] }, reason);
    }
    refused({ leaf: await pki.client(root, { digest: 'sha1' }), trusted: [root] }, /SHA-1/);
    const edwards = await pki.authority({ subject: '/CN=ed', key: 'ed25519' });
    refused({ leaf: await pki.client(edwards), trusted: [edwards] }, /signed with Ed25519/);
  });

  it('accept an anchor whatever it signed itself with, as nothing follows from that', async () => {
    const old = await pki.authority({ subject: '/CN=old', key: 'rsa-2048', digest: 'sha1' });
    accepted({ leaf: await pki.client(old), trusted: [old] });
  });

  it('T19a refuse short RSA keys and curves that are odd or explicit, in leaves and CAs', async () => {
    for (const [key, reason] of [
      ['rsa-1024', /its RSA key has 1024 bits; accepted are 2048 to 8192/],
      ['ec-secp256k1', /its elliptic curve is not accepted/],
      ['ec-explicit', /its elliptic curve is not accepted/],
    ] as const) {
      refused({ leaf: await pki.client(root, { key }), trusted: [root] }, reason);
      const ca = await pki.authority({ subject: '/CN=weak', key }, root);
      refused({ leaf: await pki.client(ca), sent: [ca], trusted: [root] }, reason);
    }
  });

  it('T19a hold RSA keys to their sizes, at each limit and one past it', () => {
    const exponentMost = (1n << BigInt(rsaExponentBitsMax)) - 1n;
    const cases: [bits: number, exponent: bigint, problem: RegExp | undefined][] = [
      [rsaBitsMin, 65537n, undefined],
      [rsaBitsMin - 1, 65537n, /has 2047 bits/],
      [rsaBitsMax, 65537n, undefined],
      [rsaBitsMax + 1, 65537n, /has 8193 bits/],
      [16384, 65537n, /has 16384 bits/],
      [rsaBitsMin, 3n, undefined],
      [rsaBitsMin, 1n, /exponent/],
      [rsaBitsMin, 0n, /even/],
      [rsaBitsMin, 65536n, /even/],
      [rsaBitsMin, exponentMost, undefined],
      [rsaBitsMin, exponentMost + 2n, /exponent/],
    ];
    for (const [bits, exponent, problem] of cases) {
      const found = publicKeyProblem(rsaKey((1n << BigInt(bits - 1)) + 1n, exponent));
      if (problem === undefined) assert.equal(found, undefined, `${bits} ${exponent}`);
      else assert.match(found ?? 'accepted', problem, `${bits} ${exponent}`);
    }
    assert.match(publicKeyProblem(rsaKey(1n << 2047n, 3n)) ?? '', /even/);
  });

  it('T19a refuse an RSA exponent of 1 in a certificate that is signed well, in no time', async () => {
    const leaf = resign(client, root, (parts) => {
      parts.publicKey = Buffer.from(rsaKey((1n << 2047n) + 1n, 1n).der);
    });
    refused({ leaf, trusted: [root] }, /exponent that is below 3/);
  });

  it('T19a refuse malformed keys', () => {
    const good = rsaKey((1n << 2047n) + 1n, 3n);
    const problem = (change: Partial<typeof good>) => publicKeyProblem({ ...good, ...change });
    assert.equal(problem({}), undefined);
    assert.match(
      problem({ algorithm: '1.2.840.10040.4.1' }) ?? '',
      /of a kind that is not accepted/,
    );
    assert.match(problem({ parameters: new Uint8Array() }) ?? '', /has parameters/);
    assert.match(problem({ key: good.key.subarray(1) }) ?? '', /RSA key/);
    assert.match(problem({ key: Buffer.concat([good.key, Buffer.of(0)]) }) ?? '', /RSA key/);
    const point = parsed(client).publicKey;
    assert.equal(publicKeyProblem(point), undefined);
    const compressed = Buffer.concat([Buffer.of(2), point.key.subarray(1, 33)]);
    assert.match(
      publicKeyProblem({ ...point, key: compressed }) ?? '',
      /not an uncompressed point/,
    );
    const hybrid = Buffer.concat([Buffer.of(6), point.key.subarray(1)]);
    assert.match(publicKeyProblem({ ...point, key: hybrid }) ?? '', /not an uncompressed point/);
    const edwards = { ...point, algorithm: '1.3.101.112', parameters: new Uint8Array() };
    assert.match(publicKeyProblem(edwards) ?? '', /not 32 bytes/);
    const right = { ...edwards, key: new Uint8Array(32) };
    assert.equal(publicKeyProblem(right), undefined);
    const withParameters = { ...right, parameters: Uint8Array.of(5, 0) };
    assert.match(publicKeyProblem(withParameters) ?? '', /Ed25519 key has parameters/);
  });

  it('T19a refuse a CA whose point is not on its curve', async () => {
    const ca = await pki.authority({ subject: '/CN=off' }, root);
    const off = resign(ca, root, (parts) => {
      const last = parts.publicKey.length - 1;
      parts.publicKey[last] = (parts.publicKey[last] ?? 0) ^ 1;
    });
    const leaf = await pki.client(ca);
    refused({ leaf, sent: [off], trusted: [root] }, /with the key that signed it/);
  });

  it('isSignedBy refuses a signature of zeros, of another kind and by another kind of key', async () => {
    const key = createPublicKey(root.certificate);
    const certificate = parsed(client);
    assert.equal(isSignedBy(certificate, key), true);
    const zeros = encodeSequence(encodeUnsigned(0n), encodeUnsigned(0n));
    assert.equal(isSignedBy({ ...certificate, signature: zeros }, key), false);
    assert.equal(isSignedBy({ ...certificate, signature: new Uint8Array() }, key), false);
    const rsa = await pki.authority({ key: 'rsa-2048' });
    const rsaKeyOfIssuer = createPublicKey(rsa.certificate);
    assert.equal(isSignedBy(certificate, rsaKeyOfIssuer), false);
    // A good signature, by RSA, in a certificate that calls it one of ECDSA.
    const confused = parsed(resign(client, rsa, () => {}));
    assert.equal(verify('sha256', confused.tbs, rsaKeyOfIssuer, confused.signature), true);
    assert.equal(isSignedBy(confused, rsaKeyOfIssuer), false);
  });
});

function rsaKey(modulus: bigint, exponent: bigint): PublicKeyInfo {
  const algorithm = '1.2.840.113549.1.1.1';
  const parameters = encodeElement(0x05);
  const key = encodeSequence(encodeUnsigned(modulus), encodeUnsigned(exponent));
  const der = encodeSequence(encodeSequence(encodeOid(algorithm), parameters), encodeBits(key));
  return { der, algorithm, parameters, key };
}
