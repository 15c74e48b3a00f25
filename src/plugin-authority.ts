/** The CAs that a rule goes by: of a file, or in its options themselves. A part of the authorizer API. */

import { authorityPemLimits, parseCertificatePem } from './pem.ts';
import type { RevocationOptions } from './plugin-revocation.ts';
import type { CertificateVerifier, Services } from './plugin-services.ts';

export type AuthoritySource = { readonly file: string } | { readonly pem: string };

export interface OpenedAuthority {
  readonly verifier: CertificateVerifier;
  /** For reasons: the file, or words for the certificates of the rule itself. */
  readonly label: string;
}

/** As `parseAuthority` of the plugin API. */
export function readAuthority(ca: string | undefined, caPem: string | undefined): AuthoritySource {
  if ((ca === undefined) === (caPem === undefined)) {
    throw new Error(
      'it has to say by which CAs it goes: set either ca, the path of a file, or caPem, the certificates themselves',
    );
  }
  if (ca !== undefined) return { file: ca };
  const read = parseCertificatePem(caPem ?? '', authorityPemLimits);
  if ('problem' in read)
    throw new Error(`caPem should hold CA certificates in PEM: ${read.problem}`);
  return { pem: caPem ?? '' };
}

/** As `openAuthority` of the plugin API. */
export async function openSource(
  source: AuthoritySource,
  services: Pick<Services, 'resolvePath' | 'openCertificateAuthority' | 'openInlineAuthority'>,
  revocation: RevocationOptions | undefined,
): Promise<OpenedAuthority> {
  if ('pem' in source) {
    const verifier = await services.openInlineAuthority(source.pem, revocation);
    return { verifier, label: 'the CAs of the rule' };
  }
  const label = services.resolvePath(source.file);
  return { verifier: await services.openCertificateAuthority(label, revocation), label };
}
