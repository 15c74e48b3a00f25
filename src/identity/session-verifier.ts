/** Tells whom a presented certificate of our own CA stands for. It needs no key. */

import { authorityPemLimits, type PemLimits, parseCertificatePem } from '../pem.ts';
import type { VerifiedCertificate } from '../plugin.ts';
import {
  type CertificateAuthorityOptions,
  openCertificateAuthority,
} from './certificate-authority.ts';
import { type CertificateHolder, readHolder } from './certificate-holder.ts';
import { unreadable } from './read-file.ts';
import { readTrustedFile } from './secret-file.ts';

export type SessionVerdict =
  | {
      readonly valid: true;
      readonly holder: CertificateHolder;
      readonly certificate: VerifiedCertificate;
    }
  /** `reason` is one sentence for the operator. */
  | { readonly valid: false; readonly reason: string };

/**
 * Says what a certificate proves by itself. That its holder is still there, with just this id, and
 * that it was not revoked, is for the store to say.
 */
export interface SessionVerifier {
  verify(presented: {
    readonly der: Uint8Array;
    readonly intermediates: readonly Uint8Array[];
  }): Promise<SessionVerdict>;
}

/** CAs whose sessions are good at the same time: the present one, and those before it. */
export const sessionAuthoritiesMax = 8;

/** The bundle of a system's public CAs is refused by it: they would sign for anybody (CVE-2017-2299). */
export const sessionAuthoritiesPem: PemLimits = {
  ...authorityPemLimits,
  certificatesMax: sessionAuthoritiesMax,
};

const act = 'verify sessions with';

/**
 * @throws PortcullisError FILE_UNREADABLE when the file is no PEM file of at most 8 usable CAs, or when
 *   others than its owner may write it (T93)
 */
export async function openSessionVerifier(
  certificateFile: string,
  options: CertificateAuthorityOptions,
): Promise<SessionVerifier> {
  const text = await readTrustedFile(certificateFile, 2 * sessionAuthoritiesPem.bytesMax, act);
  const pem = parseCertificatePem(text, sessionAuthoritiesPem);
  if ('problem' in pem) throw unreadable(certificateFile, act, pem.problem);
  const authority = await openCertificateAuthority(certificateFile, options);
  return {
    verify: async (presented) => {
      const verdict = await authority.verify(presented);
      if (!verdict.valid) return { valid: false, reason: verdict.reason };
      const { certificate } = verdict;
      const holder = readHolder(certificate.subject);
      return holder === undefined
        ? { valid: false, reason: 'it names neither a user nor a consumer' }
        : { valid: true, holder, certificate };
    },
  };
}
