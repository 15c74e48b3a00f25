/**
 * What a certificate must be to stand where it stands in a chain (RFC 5280 section 6.1, and the
 * stricter policy of docs/certificates.md).
 *
 * Each function gives a clause for the operator, as "it expired on 2026-01-01T00:00:00Z", or
 * undefined when all is well.
 */

import { publicKeyProblem } from './algorithms.ts';
import type { Certificate } from './certificate.ts';

/** id-kp-clientAuth. */
export const clientAuthOid = '1.3.6.1.5.5.7.3.2';

/** What is wrong with a client's own certificate, apart from who signed it. */
export function clientProblem(certificate: Certificate, now: Date): string | undefined {
  const { basicConstraints, keyUsage } = certificate.extensions;
  if (basicConstraints?.isAuthority === true) {
    return "it is a CA certificate, and a client's must not be";
  }
  if (keyUsage?.digitalSignature === false) {
    return 'its keyUsage lacks digitalSignature, without which no client can prove its key';
  }
  return purposeProblem(certificate) ?? formProblem(certificate) ?? dateProblem(certificate, now);
}

/**
 * What is wrong with a certificate that shall have signed others.
 *
 * @param authoritiesBelow how many CAs stand between it and the client's certificate. Self-issued
 *   ones count too, although section 6.1.4 would let them pass: pathLenConstraint 0 then means that
 *   no further CA of any name is between.
 */
export function authorityProblem(
  certificate: Certificate,
  authoritiesBelow: number,
  now: Date,
): string | undefined {
  const problem = anchorProblem(certificate);
  if (problem !== undefined) return problem;
  const pathLength = certificate.extensions.basicConstraints?.pathLength;
  if (pathLength !== undefined && authoritiesBelow > pathLength) {
    return `its pathLenConstraint allows ${pathLength} CAs below it, and there are ${authoritiesBelow}`;
  }
  return dateProblem(certificate, now);
}

/** What makes a certificate useless as a CA at any time: what can be said when its file is opened. */
export function anchorProblem(certificate: Certificate): string | undefined {
  const { basicConstraints, keyUsage } = certificate.extensions;
  if (basicConstraints?.isAuthority !== true) {
    return 'it is not a CA certificate (basicConstraints does not say CA:TRUE)';
  }
  if (keyUsage?.certSign === false) return 'its keyUsage lacks keyCertSign';
  return purposeProblem(certificate) ?? formProblem(certificate);
}

/** What is wrong with the dates at `now`; both ends belong to the validity. */
export function dateProblem(certificate: Certificate, now: Date): string | undefined {
  if (now < certificate.notBefore)
    return `it is not valid before ${isoTime(certificate.notBefore)}`;
  if (now > certificate.notAfter) return `it expired on ${isoTime(certificate.notAfter)}`;
  return undefined;
}

/**
 * Without the extension a certificate is for every purpose (section 4.2.1.12); with it, for those
 * that it names, and a CA for no more than it names. anyExtendedKeyUsage is not enough: it is not
 * for OpenSSL, which checks before us in most fronts.
 */
function purposeProblem(certificate: Certificate): string | undefined {
  const purposes = certificate.extensions.extendedKeyUsage;
  if (purposes === undefined || purposes.includes(clientAuthOid)) return undefined;
  return 'its extendedKeyUsage does not name clientAuth';
}

function formProblem(certificate: Certificate): string | undefined {
  const { unevaluated, unknownCritical } = certificate.extensions;
  const [unknown] = unknownCritical;
  if (unknown !== undefined) {
    return `it has a critical extension that is not known here (${unknown})`;
  }
  if (unevaluated.length > 0) {
    return `it has constraints on names or policies, which are not evaluated here (${unevaluated.join(', ')})`;
  }
  return publicKeyProblem(certificate.publicKey);
}

function isoTime(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}
