/** A verifier that asks the responders once the chain of a certificate is good. */

import { PortcullisError } from '../../errors.ts';
import type { Certificate } from '../../identity/certificate.ts';
import type { RevocationCheck, RevocationVerdict } from '../../identity/chain.ts';
import type { CertificateVerifier, VerifiedCertificate } from '../../plugin.ts';

/** As a {@link RevocationCheck} that takes its time. */
export type AskAboutPath = (path: readonly Certificate[], now: Date) => Promise<RevocationVerdict>;

/** Makes a check of the CAs of a file, which are read by then. */
export type OpenCheck = (authorities: readonly Certificate[]) => Promise<RevocationCheck>;

export interface AskingParts {
  readonly ask: AskAboutPath;
  /** Judges before anybody is asked. */
  readonly openLists: OpenCheck | undefined;
  readonly now: () => Date;
}

/**
 * Opens a verifier whose chains are judged by lists first, and then by the responders: nobody is asked
 * for what a stranger made up.
 *
 * @param open makes the verifier of chains, with the check that it is given
 */
export async function openAskingVerifier(
  { ask, openLists, now }: AskingParts,
  open: (openCheck: OpenCheck) => Promise<CertificateVerifier>,
): Promise<CertificateVerifier> {
  // By the very bytes that were presented: of two verifications at once, none sees the other's path.
  const paths = new WeakMap<Uint8Array, readonly Certificate[]>();
  const verifier = await open(async (authorities) => {
    const check = await openLists?.(authorities);
    return (path, at) => {
      const [leaf] = path;
      if (leaf !== undefined) paths.set(leaf.der, path);
      return check?.(path, at) ?? { until: undefined, basis: '' };
    };
  });
  return {
    verify: async (presented) => {
      const verdict = await verifier.verify(presented);
      if (!verdict.valid) return verdict;
      const path = paths.get(presented.der);
      if (path === undefined) throw unseen();
      const answer = await ask(path, now());
      const { certificate } = verdict;
      if (!('problem' in answer)) return { valid: true, certificate: extend(certificate, answer) };
      return { valid: false, reason: answer.problem, subjectText: certificate.subjectText };
    },
  };
}

function extend(
  certificate: VerifiedCertificate,
  { until, basis }: Exclude<RevocationVerdict, { readonly problem: string }>,
): VerifiedCertificate {
  const { chainNotAfter, notRevokedBy = '' } = certificate;
  const bases = [notRevokedBy, basis].filter((text) => text !== '');
  return {
    ...certificate,
    chainNotAfter: until !== undefined && until < chainNotAfter ? until : chainNotAfter,
    notRevokedBy: bases.join(' and '),
  };
}

function unseen(): PortcullisError {
  return new PortcullisError(
    'CANNOT_DECIDE',
    'Cannot tell whether the certificate was revoked: its path is not known',
  );
}
