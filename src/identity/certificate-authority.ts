/** The CAs of a rule, from a file or from its options: the anchors that it accepts. */

import type { Logger } from '../log.ts';
import { authorityPemLimits, parseCertificatePem } from '../pem.ts';
import type { CertificateVerifier } from '../plugin.ts';
import { AuthorityStore } from './authority-store.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { anchorProblem, dateProblem } from './certificate-rules.ts';
import { type RevocationCheck, verifyChain } from './chain.ts';
import { describeName } from './distinguished-name.ts';
import { readTextFile, unreadable } from './read-file.ts';

export interface CertificateAuthorityOptions {
  readonly now: () => Date;
  readonly log: Logger;
  /** Opens the lists of what the CAs of the file have revoked. */
  readonly openRevocation?:
    | ((authorities: readonly Certificate[]) => Promise<RevocationCheck>)
    | undefined;
}

/** Where the certificates stand, for messages. */
interface Source {
  readonly act: string;
  readonly name: string;
}

const inline: Source = { act: 'use the CA certificates of', name: 'caPem' };

/**
 * Opens a PEM file of CA certificates, as a verifier of client certificates against it.
 *
 * A CA that is expired or not yet valid is logged and kept: it lets nobody in, its successor may be
 * beside it, and a restart must not take down what else is served. All other faults stop.
 *
 * @throws PortcullisError FILE_UNREADABLE when the file is missing, unreadable, empty or malformed,
 *   holds a certificate that could never verify another, or holds no end for a chain
 */
export async function openCertificateAuthority(
  file: string,
  options: CertificateAuthorityOptions,
): Promise<CertificateVerifier> {
  const source = { act: 'use the CA file', name: file };
  const text = await readTextFile(file, 2 * authorityPemLimits.bytesMax, source.act);
  return openAuthorities(readAuthorities(text, source), source, options);
}

/**
 * As {@link openCertificateAuthority}, of certificates that stand in the options themselves.
 *
 * @throws PortcullisError FILE_UNREADABLE
 */
export async function openInlineAuthority(
  pem: string,
  options: CertificateAuthorityOptions,
): Promise<CertificateVerifier> {
  return openAuthorities(readAuthorities(pem, inline), inline, options);
}

async function openAuthorities(
  certificates: readonly Certificate[],
  { act, name }: Source,
  options: CertificateAuthorityOptions,
): Promise<CertificateVerifier> {
  const authorities = new AuthorityStore(certificates);
  if (authorities.anchors.length === 0) {
    throw unreadable(
      name,
      act,
      'its CAs sign each other in a circle; add the root that they lead to',
    );
  }
  for (const certificate of certificates) {
    const problem = dateProblem(certificate, options.now());
    if (problem === undefined) continue;
    const subject = describeName(certificate.subject);
    options.log.warn('A CA lets nobody in because of its dates', { file: name, subject, problem });
  }
  const revocation = await options.openRevocation?.(certificates);
  return {
    verify: async ({ der, intermediates }) =>
      verifyChain({ leaf: der, intermediates, authorities, now: options.now(), revocation }),
  };
}

function readAuthorities(text: string, { act, name }: Source): readonly Certificate[] {
  const pem = parseCertificatePem(text, authorityPemLimits);
  if ('problem' in pem) {
    throw unreadable(name, act, `${pem.problem}, and should hold CA certificates in PEM`);
  }
  const byTbs = new Map<string, Certificate>();
  for (const [index, der] of pem.certificates.entries()) {
    const certificate = parseCertificate(der);
    const number = `certificate ${index + 1}`;
    if ('problem' in certificate) {
      throw unreadable(name, act, `${number} cannot be read: ${certificate.problem}`);
    }
    const problem = anchorProblem(certificate);
    if (problem !== undefined) {
      const subject = describeName(certificate.subject);
      throw unreadable(name, act, `${number}, ${subject}, is no usable CA: ${problem}`);
    }
    byTbs.set(Buffer.from(certificate.tbs).toString('hex'), certificate);
  }
  return [...byTbs.values()];
}
