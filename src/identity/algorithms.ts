/**
 * Which keys and signatures are accepted (T19a). A list of what is known good: everything else,
 * weak, odd or new, is refused by its name before any of its numbers is computed with.
 */

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { PublicKeyInfo } from './certificate.ts';
import { rsaProblem } from './rsa-key.ts';

export interface EllipticCurve {
  readonly name: string;
  /** Bytes of one coordinate. */
  readonly coordinateBytes: number;
  /** The order of the group (SEC 2 section 2). */
  readonly order: bigint;
}

/** What a CA signs: a certificate, or a list of those that it has revoked. */
export interface Signed {
  /** The signed part. */
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
  /** The whole AlgorithmIdentifier in lower-case hex. */
  readonly signatureAlgorithm: string;
}

/** What is wrong with a certificate's own key, as a clause; undefined when it is accepted. */
export function publicKeyProblem(publicKey: PublicKeyInfo): string | undefined {
  switch (publicKey.algorithm) {
    case oids.rsa:
      return rsaProblem(publicKey);
    case oids.ec:
      return ellipticProblem(publicKey);
    case oids.ed25519:
      return ed25519Problem(publicKey);
    default:
      return `its key is of a kind that is not accepted (${publicKey.algorithm})`;
  }
}

/** What is wrong with the way in which something is signed, whoever signed it. */
export function signatureAlgorithmProblem(signed: Signed): string | undefined {
  if (signatureAlgorithms.has(signed.signatureAlgorithm)) return undefined;
  const name = refusedAlgorithms.get(signed.signatureAlgorithm) ?? 'an unknown algorithm';
  return `it is signed with ${name}; accepted are RSA (PKCS #1 v1.5) and ECDSA with SHA-256, SHA-384 or SHA-512`;
}

/** The kind of key that such a signature is made with; undefined when it is not accepted. */
export function signatureKeyType(signed: Signed): 'rsa' | 'ec' | undefined {
  return signatureAlgorithms.get(signed.signatureAlgorithm)?.keyType;
}

/** Whether the owner of `issuerKey` signed it, by OpenSSL's word. */
export function isSignedBy(signed: Signed, issuerKey: KeyObject): boolean {
  const algorithm = signatureAlgorithms.get(signed.signatureAlgorithm);
  if (algorithm?.keyType !== issuerKey.asymmetricKeyType) return false;
  const key = { key: issuerKey, dsaEncoding: 'der' } as const;
  try {
    return verify(algorithm?.digest, signed.tbs, key, signed.signature);
  } catch {
    return false;
  }
}

/** A key to check signatures with. Undefined when OpenSSL does not take it, as a point off its curve. */
export function importPublicKey(publicKey: PublicKeyInfo): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(publicKey.der), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

/** The curve of an elliptic key; undefined for other keys. */
export function curveOf(publicKey: PublicKeyInfo): EllipticCurve | undefined {
  if (publicKey.algorithm !== oids.ec) return undefined;
  return curves.get(Buffer.from(publicKey.parameters).toString('hex'));
}

const oids = {
  rsa: '1.2.840.113549.1.1.1',
  ec: '1.2.840.10045.2.1',
  ed25519: '1.3.101.112',
} as const;

interface SignatureAlgorithm {
  readonly digest: 'sha256' | 'sha384' | 'sha512';
  readonly keyType: 'rsa' | 'ec';
}

/** By the AlgorithmIdentifier in hex, so that its parameters are held to their one right value. */
const signatureAlgorithms: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  ['300d06092a864886f70d01010b0500', { digest: 'sha256', keyType: 'rsa' }],
  ['300d06092a864886f70d01010c0500', { digest: 'sha384', keyType: 'rsa' }],
  ['300d06092a864886f70d01010d0500', { digest: 'sha512', keyType: 'rsa' }],
  ['300a06082a8648ce3d040302', { digest: 'sha256', keyType: 'ec' }],
  ['300a06082a8648ce3d040303', { digest: 'sha384', keyType: 'ec' }],
  ['300a06082a8648ce3d040304', { digest: 'sha512', keyType: 'ec' }],
]);

/** Names for the operator of those that are met in the wild. */
const refusedAlgorithms: ReadonlyMap<string, string> = new Map([
  ['300d06092a864886f70d0101040500', 'MD5'],
  ['300d06092a864886f70d0101050500', 'SHA-1'],
  ['300906072a8648ce3d0401', 'SHA-1'],
  ['300506032b6570', 'Ed25519'],
]);

/** By the parameters' DER, a named curve. Explicit parameters are refused unread (CVE-2022-0778). */
const curves: ReadonlyMap<string, EllipticCurve> = new Map([
  [
    '06082a8648ce3d030107',
    {
      name: 'P-256',
      coordinateBytes: 32,
      order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    },
  ],
  [
    '06052b81040022',
    {
      name: 'P-384',
      coordinateBytes: 48,
      order:
        0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    },
  ],
  [
    '06052b81040023',
    {
      name: 'P-521',
      coordinateBytes: 66,
      order:
        0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    },
  ],
]);

/** RFC 8410 section 3: the algorithm says it all. */
function ed25519Problem({ key, parameters }: PublicKeyInfo): string | undefined {
  if (parameters.length > 0) return 'its Ed25519 key has parameters, and should have none';
  return key.length === 32 ? undefined : 'its Ed25519 key is not 32 bytes long';
}

function ellipticProblem(publicKey: PublicKeyInfo): string | undefined {
  const curve = curveOf(publicKey);
  if (curve === undefined) {
    return 'its elliptic curve is not accepted; accepted are P-256, P-384 and P-521, by name';
  }
  const { key } = publicKey;
  return key.length === 1 + 2 * curve.coordinateBytes && key[0] === 0x04
    ? undefined
    : 'its elliptic key is not an uncompressed point';
}
