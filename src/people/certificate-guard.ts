/** What no chain says of a certificate, and every rule that verifies one has to know. */

import { readHolder } from '../identity/certificate-holder.ts';
import type { CertificateVerdict, CertificateVerifier, VerifiedCertificate } from '../plugin.ts';
import type { Directory } from './directory.ts';

/** How the reason begins for a certificate that is on the deny-list. */
export const denyListReason = 'it is on the deny-list of the store';

/**
 * Refuses also what is on the deny-list of the store, and the certificates of sessions, which are for
 * the API and the rule `session`: a CA of Pulp 2 may have signed them as well as what opens content.
 *
 * @param directory undefined where there is no store
 */
export function guardCertificates(
  verifier: CertificateVerifier,
  directory: () => Directory | undefined,
): CertificateVerifier {
  return {
    verify: async (presented) => {
      const verdict = await verifier.verify(presented);
      if (!verdict.valid) return verdict;
      const { certificate } = verdict;
      if (readHolder(certificate.subject)?.kind === 'user') {
        return refuse(certificate, 'it is the certificate of a session, which opens the API');
      }
      const denial = await directory()?.denialOf(certificate);
      return denial === undefined ? verdict : refuse(certificate, `${denyListReason}: ${denial}`);
    },
  };
}

function refuse({ subjectText }: VerifiedCertificate, reason: string): CertificateVerdict {
  return { valid: false, reason, subjectText };
}
