/**
 * pkijs as a second opinion on chains: what ours is compared with, on what was changed in every way
 * that we could think of. Its traps are closed here, so that it is as strict as it can be made:
 *
 * - Its engine returns `{ result: false }` where others throw, and takes the last of `certs` for the
 *   end entity: it can prove another certificate than the client's. The path that it proved is
 *   therefore compared with the one that it was asked about.
 * - It checks neither purposes nor path lengths, and its search for paths is unbounded. It is given
 *   one finished path, and judges signatures (by WebCrypto), dates, CAs, the chain of names and policies.
 */

import { type BaseBlock, fromBER } from 'asn1js';
import { Certificate, CertificateChainValidationEngine } from 'pkijs';

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

function toPkijs(der: Uint8Array): Certificate {
  return new Certificate({ schema: parse(der) });
}

function parse(der: Uint8Array): BaseBlock {
  const { result, offset } = fromBER(der, { maxNodes: asn1NodesMax });
  if (offset !== der.length) throw new Error(`not one ASN.1 value: ${result.error}`);
  return result;
}
