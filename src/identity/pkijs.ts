/**
 * The one door to pkijs, narrow so that its traps stay behind it and it can be replaced.
 *
 * It judges chains:
 *
 * - Its engine returns `{ result: false }` where others throw, and takes the last of `certs` for the
 *   end entity: it can prove another certificate than the client's. The path that it proved is
 *   therefore compared with the one that it was asked about.
 * - It checks neither purposes nor path lengths, and its search for paths is unbounded. It is given
 *   one finished path, which our own rules have accepted, and is its second judge: of signatures
 *   (by WebCrypto), dates, CAs, the chain of names and policies.
 *
 * It signs certificates:
 *
 * - It puts all attributes of a name into one set, which nobody else does. It is given names,
 *   extensions and the public key as DER of ours, and nothing that it could spell otherwise.
 * - It leaves out the NULL that RFC 4055 section 5 asks for in signatures with RSA.
 */

import type { webcrypto } from 'node:crypto';
import { type BaseBlock, fromBER, Integer, Null } from 'asn1js';
import {
  Certificate,
  CertificateChainValidationEngine,
  CryptoEngine,
  Extension,
  PublicKeyInfo,
  RelativeDistinguishedNames,
  Time,
} from 'pkijs';

/** ASN.1 values in one certificate; a v1 entitlement of 185 contents has some 12,000. */
const asn1NodesMax = 100_000;

/**
 * Whether pkijs agrees that `path` is a valid chain at `now`.
 *
 * @param path DER, from the client's certificate to the anchor: at least two
 * @returns undefined when it does, else a clause with its own words
 */
export async function pathProblem(
  path: readonly Uint8Array[],
  now: Date,
): Promise<string | undefined> {
  try {
    const certificates = path.map(toPkijs);
    const anchor = certificates.at(-1);
    if (anchor === undefined || certificates.length < 2) return 'the path is too short';
    const engine = new CertificateChainValidationEngine({
      trustedCerts: [anchor],
      // The end entity stands last.
      certs: certificates.slice(0, -1).reverse(),
      checkDate: now,
      findIssuer: (certificate) => nextIn(certificates, certificate),
    });
    const verdict = await engine.verify();
    if (verdict.result !== true) return `pkijs refuses it: ${verdict.resultMessage}`;
    const proved = verdict.certificatePath ?? [];
    return certificates.every((certificate, index) => proved[index] === certificate)
      ? undefined
      : 'pkijs proved another path than the one it was asked about';
  } catch {
    return 'pkijs cannot read a certificate of its chain';
  }
}

/**
 * The issuer by the path, when its key did sign. The engine's own search refuses what openssl makes
 * under a CA without a key identifier: an authorityKeyIdentifier of name and serial number.
 */
async function nextIn(
  path: readonly Certificate[],
  certificate: Certificate,
): Promise<Certificate[]> {
  const issuer = path[path.indexOf(certificate) + 1];
  return issuer !== undefined && (await certificate.verify(issuer)) ? [issuer] : [];
}

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

function toPkijs(der: Uint8Array): Certificate {
  return new Certificate({ schema: parse(der) });
}

function parse(der: Uint8Array): BaseBlock {
  const { result, offset } = fromBER(der, { maxNodes: asn1NodesMax });
  if (offset !== der.length) throw new Error(`not one ASN.1 value: ${result.error}`);
  return result;
}
