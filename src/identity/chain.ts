/** The verification of a client certificate: all that stands between a stranger and the content. */

import { clientPemLimits } from '../pem.ts';
import type { CertificateVerdict, VerifiedCertificate } from '../plugin.ts';
import { Authority, type AuthorityStore } from './authority-store.ts';
import { type Certificate, fingerprintOf, parseCertificate } from './certificate.ts';
import { clientProblem } from './certificate-rules.ts';
import { ChainSearch } from './chain-search.ts';
import { describeName } from './distinguished-name.ts';
import { twinFingerprints } from './signature-twin.ts';

/** Certificates that a client may present, its own included. */
export const presentedCertificatesMax = clientPemLimits.certificatesMax;

/** Bytes of all of them together, DER. */
export const presentedBytesMax = clientPemLimits.bytesMax;

/**
 * Judges a path that is valid otherwise by what its CAs have revoked.
 *
 * @throws PortcullisError CANNOT_DECIDE when that cannot be told
 */
export type RevocationCheck = (path: readonly Certificate[], now: Date) => RevocationVerdict;

export type RevocationVerdict =
  /** A clause that names who was revoked, and the list. */
  | { readonly problem: string }
  /** `until` is when it has to be asked anew; `basis` names the lists for people. */
  | { readonly until: Date | undefined; readonly basis: string };

export interface ChainRequest {
  /** The client's own certificate, DER. */
  readonly leaf: Uint8Array;
  /** What else the client sent, DER, in any order. Nothing is believed of it without a signature. */
  readonly intermediates: readonly Uint8Array[];
  readonly authorities: AuthorityStore;
  readonly now: Date;
  /** Nobody is taken for revoked when it is absent. */
  readonly revocation?: RevocationCheck | undefined;
}

/**
 * Verifies that `leaf`, and not some other certificate, is a client's, is valid now, and has a chain
 * to an anchor of `authorities`: by our own reading and rules, and by OpenSSL's reading and signatures.
 * Whatever the bytes are, the answer is a verdict: malformed input is invalid, and never an exception.
 *
 * @throws PortcullisError CANNOT_DECIDE as the revocation check does
 */
export function verifyChain(request: ChainRequest): CertificateVerdict {
  const { leaf: der, intermediates, authorities, now } = request;
  if (intermediates.length >= presentedCertificatesMax) {
    return invalid(`it came with more than ${presentedCertificatesMax - 1} other certificates`);
  }
  const bytes = intermediates.reduce((sum, one) => sum + one.length, der.length);
  if (bytes > presentedBytesMax)
    return invalid(`its chain is over ${presentedBytesMax} bytes long`);

  const leaf = parseCertificate(der);
  if ('problem' in leaf) return invalid(leaf.problem);
  const problem = clientProblem(leaf, now);
  if (problem !== undefined) return invalid(problem, leaf);
  const sent = readSent(intermediates, authorities);
  if ('problem' in sent) return invalid(sent.problem, leaf);

  const search = new ChainSearch(authorities, sent, now);
  let refusal: string | undefined;
  for (const path of search.paths(leaf)) {
    const revocation = request.revocation?.(path, now);
    if (revocation === undefined || !('problem' in revocation)) {
      return { valid: true, certificate: describe(leaf, path, revocation) };
    }
    refusal = revocation.problem;
  }
  return invalid(refusal ?? search.problem ?? 'it has no chain to an accepted CA', leaf);
}

/** Each once; and not what the CA file has, nor anew what was there before. */
function readSent(
  intermediates: readonly Uint8Array[],
  authorities: AuthorityStore,
): readonly Authority[] | { readonly problem: string } {
  const sent = new Map<string, Authority>();
  for (const der of intermediates) {
    const fingerprint = fingerprintOf(der);
    if (sent.has(fingerprint) || authorities.holds(fingerprint)) continue;
    const known = authorities.intermediates.find(fingerprint);
    // A copy: what is kept of it must neither change with the request nor hold on to it.
    const certificate = known?.certificate ?? parseCertificate(new Uint8Array(der));
    if ('problem' in certificate) {
      return { problem: `a certificate that came with it cannot be read: ${certificate.problem}` };
    }
    sent.set(fingerprint, known ?? new Authority(certificate, 'sent'));
  }
  return [...sent.values()];
}

function describe(
  leaf: Certificate,
  path: readonly Certificate[],
  revocation: Exclude<RevocationVerdict, { readonly problem: string }> | undefined,
): VerifiedCertificate {
  const { fingerprint, serial, subject, issuer, notBefore, notAfter } = leaf;
  const ends = path.map((certificate) => certificate.notAfter.getTime());
  if (revocation?.until !== undefined) ends.push(revocation.until.getTime());
  return {
    fingerprint,
    twinFingerprints: twinFingerprints(leaf, path[1]),
    serial,
    subject,
    subjectText: describeName(subject),
    issuer,
    notBefore,
    notAfter,
    chainNotAfter: new Date(Math.min(...ends)),
    ...(revocation === undefined ? {} : { notRevokedBy: revocation.basis }),
  };
}

function invalid(reason: string, leaf?: Certificate): CertificateVerdict {
  return { valid: false, reason, subjectText: leaf && describeName(leaf.subject) };
}
