/**
 * The one door to pkijs, narrow so that its traps stay behind it and it can be replaced. It signs
 * certificates:
 *
 * - It puts all attributes of a name into one set, which nobody else does. It is given names,
 *   extensions and the public key as DER of ours, and nothing that it could spell otherwise.
 * - It leaves out the NULL that RFC 4055 section 5 asks for in signatures with RSA.
 *
 * It judges none: that is the work of chain.ts, which the tests compare with its judgement.
 */

import type { webcrypto } from 'node:crypto';
import { type BaseBlock, fromBER, Integer, Null } from 'asn1js';
import {
  Certificate,
  CryptoEngine,
  Extension,
  PublicKeyInfo,
  RelativeDistinguishedNames,
  Time,
} from 'pkijs';

/** What a certificate shall say; names, key and extensions are DER. */
export interface UnsignedCertificate {
  readonly serial: bigint;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly extensions: readonly Uint8Array[];
  /** In whole seconds. */
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * Has pkijs put a certificate together and sign it, by WebCrypto outside of the event loop.
 *
 * @param key of the issuer, for ECDSA or RSASSA-PKCS1-v1_5
 * @param digest in WebCrypto's words, as `SHA-256`
 * @returns the certificate, DER
 */
export async function signCertificate(
  unsigned: UnsignedCertificate,
  key: webcrypto.CryptoKey,
  digest: string,
): Promise<Uint8Array> {
  const certificate = new Certificate({
    // Version 3 (RFC 5280 section 4.1.2.1).
    version: 2,
    serialNumber: Integer.fromBigInt(unsigned.serial),
    issuer: new RelativeDistinguishedNames({ schema: parse(unsigned.issuer) }),
    subject: new RelativeDistinguishedNames({ schema: parse(unsigned.subject) }),
    notBefore: toTime(unsigned.notBefore),
    notAfter: toTime(unsigned.notAfter),
    subjectPublicKeyInfo: new PublicKeyInfo({ schema: parse(unsigned.publicKey) }),
    extensions: unsigned.extensions.map((der) => new Extension({ schema: parse(der) })),
  });
  await certificate.sign(key, digest, new SigningEngine({ crypto: globalThis.crypto }));
  return new Uint8Array(certificate.toSchema(true).toBER());
}

class SigningEngine extends CryptoEngine {
  override async getSignatureParameters(key: webcrypto.CryptoKey, digest?: string) {
    const parameters = await super.getSignatureParameters(key, digest);
    if (key.algorithm.name === 'RSASSA-PKCS1-v1_5') {
      parameters.signatureAlgorithm.algorithmParams = new Null();
    }
    return parameters;
  }
}

/** UTCTime until 2049, GeneralizedTime after it (RFC 5280 section 4.1.2.5). */
function toTime(value: Date): Time {
  return new Time({ type: value.getUTCFullYear() < 2050 ? 0 : 1, value });
}

function parse(der: Uint8Array): BaseBlock {
  const { result, offset } = fromBER(der);
  if (offset !== der.length) throw new Error(`not one ASN.1 value: ${result.error}`);
  return result;
}
