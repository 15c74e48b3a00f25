/** Whether who signed an answer may speak for a CA (RFC 6960 section 4.2.2.2). */

import {
  importPublicKey,
  isSignedBy,
  publicKeyProblem,
  signatureAlgorithmProblem,
} from '../../identity/algorithms.ts';
import { type Certificate, parseCertificate } from '../../identity/certificate.ts';
import { dateProblem } from '../../identity/certificate-rules.ts';
import type { OcspAnswer } from './answer.ts';
import { keyHashOf } from './certificate-id.ts';

/** id-kp-OCSPSigning. */
const signingPurposeOid = '1.3.6.1.5.5.7.3.9';

/** The certificate that signed; the issuer's own, or one that it gave to the responder. */
export type Signer = { readonly certificate: Certificate } | { readonly problem: string };

/**
 * Finds who signed the answer: the issuer of the certificate that was asked about, or who has a
 * certificate of that very issuer for nothing but this.
 */
export function findSigner(answer: OcspAnswer, issuer: Certificate, now: Date): Signer {
  const algorithmProblem = signatureAlgorithmProblem(answer);
  if (algorithmProblem !== undefined) return { problem: algorithmProblem };
  if (isNamed(answer, issuer)) {
    return hasSigned(answer, issuer)
      ? { certificate: issuer }
      : { problem: 'it is not signed by the key of the CA that it names' };
  }
  const sent = answer.certificates.map(parseCertificate);
  const named = sent.find((one): one is Certificate => !('problem' in one) && isNamed(answer, one));
  if (named === undefined) {
    return { problem: 'it is signed by somebody whose certificate did not come with it' };
  }
  const problem = delegateProblem(named, issuer, now);
  if (problem !== undefined) return { problem: `its responder may not answer: ${problem}` };
  return hasSigned(answer, named)
    ? { certificate: named }
    : { problem: 'it is not signed by the key of the responder that it names' };
}

function isNamed({ responder }: OcspAnswer, certificate: Certificate): boolean {
  return responder.by === 'name'
    ? responder.subjectId === certificate.subjectId
    : responder.keyHash === keyHashOf(certificate);
}

function delegateProblem(
  certificate: Certificate,
  issuer: Certificate,
  now: Date,
): string | undefined {
  const { extendedKeyUsage = [], keyUsage, unknownCritical, unevaluated } = certificate.extensions;
  if (certificate.issuerId !== issuer.subjectId) return 'its certificate is of another CA';
  if (!extendedKeyUsage.includes(signingPurposeOid)) {
    return 'its extendedKeyUsage does not name OCSPSigning';
  }
  if (keyUsage?.digitalSignature === false) return 'its keyUsage lacks digitalSignature';
  const [odd] = [...unknownCritical, ...unevaluated];
  if (odd !== undefined) return `its certificate has an extension that is not known here (${odd})`;
  const problem =
    publicKeyProblem(certificate.publicKey) ??
    dateProblem(certificate, now) ??
    signatureAlgorithmProblem(certificate);
  if (problem !== undefined) return problem;
  return hasSigned(certificate, issuer)
    ? undefined
    : 'its certificate is not signed by the key of that CA';
}

function hasSigned(signed: Parameters<typeof isSignedBy>[0], { publicKey }: Certificate): boolean {
  const key = importPublicKey(publicKey);
  return key !== undefined && isSignedBy(signed, key);
}
