/** The CA that signs sessions, and the certificates that it signs. */

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { PortcullisError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { parseCertificatePem } from '../pem.ts';
import { curveOf, publicKeyProblem } from './algorithms.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import type { CertificateHolder } from './certificate-holder.ts';
import { dateProblem } from './certificate-rules.ts';
import { unreadable } from './read-file.ts';
import { readTrustedFile } from './secret-file.ts';
import {
  makeAuthorityFiles,
  readKeyFile,
  type SessionAuthorityFiles,
} from './session-authority-files.ts';
import { type SessionCertificate, type SessionSigner, signSession } from './session-certificate.ts';
import { sessionAuthoritiesPem } from './session-verifier.ts';

export interface SessionAuthority {
  /**
   * A certificate with its own new key, which is kept nowhere.
   *
   * @param lifetimeSeconds more than 0; cut to what is left of the CA's own validity
   * @throws PortcullisError SESSION_AUTHORITY_UNUSABLE when the CA is not valid at the moment
   * @throws TypeError for a holder that no certificate can name
   */
  issue(holder: CertificateHolder, lifetimeSeconds: number): Promise<SessionCertificate>;
}

export interface SessionAuthorityOptions {
  readonly now: () => Date;
  readonly log: Logger;
}

/** Seven days, as in Pulp 2. */
export const sessionSecondsDefault = 7 * 86_400;

const act = 'sign sessions with';

/**
 * Opens the CA, which is made when there is none, or came from Pulp 2: `/etc/pki/pulp/ca.crt` and
 * `ca.key` are good as they are. The certificate's file may hold several CAs, whose sessions all are
 * good; the one that the key belongs to signs.
 *
 * @throws PortcullisError FILE_UNREADABLE when a file is missing, unreadable or malformed, when
 *   others may read the key or write the certificate, or when no certificate belongs to it
 * @throws PortcullisError SESSION_AUTHORITY_UNUSABLE when the files cannot be made
 */
export async function openSessionAuthority(
  files: SessionAuthorityFiles,
  { now, log }: SessionAuthorityOptions,
): Promise<SessionAuthority> {
  if ((await makeAuthorityFiles(files, now())) === 'made') {
    log.info('A CA for session certificates was made', { ...files });
  }
  const signer = await readSigner(files);
  return {
    issue: async (holder, lifetimeSeconds) => {
      const problem = dateProblem(signer.certificate, now());
      if (problem !== undefined) {
        throw new PortcullisError(
          'SESSION_AUTHORITY_UNUSABLE',
          `Cannot sign a session: the CA in ${files.certificateFile} is not valid, ${problem}; move both its files away for a new one`,
        );
      }
      return signSession({ holder, lifetimeSeconds, now: now() }, signer);
    },
  };
}

async function readSigner({
  certificateFile,
  keyFile,
}: SessionAuthorityFiles): Promise<SessionSigner> {
  const key = readPrivateKey(keyFile, await readKeyFile(keyFile));
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const pem = await readTrustedFile(certificateFile, 2 * sessionAuthoritiesPem.bytesMax, act);
  const parsed = parseCertificatePem(pem, sessionAuthoritiesPem);
  if ('problem' in parsed) throw unreadable(certificateFile, act, parsed.problem);
  for (const der of parsed.certificates) {
    const certificate = parseCertificate(der);
    if ('problem' in certificate || !spki.equals(certificate.publicKey.der)) continue;
    return { certificate, ...(await toSigningKey(key, certificate, keyFile)) };
  }
  throw unreadable(
    certificateFile,
    act,
    `no certificate in it belongs to the key in ${keyFile}; put the right ones beside each other`,
  );
}

function readPrivateKey(keyFile: string, text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    throw unreadable(keyFile, act, 'it holds no private key in PEM, without a passphrase');
  }
}

async function toSigningKey(
  key: KeyObject,
  { publicKey }: Certificate,
  keyFile: string,
): Promise<Omit<SessionSigner, 'certificate'>> {
  const problem = publicKeyProblem(publicKey);
  if (problem !== undefined) throw unreadable(keyFile, act, problem);
  const namedCurve = curveOf(publicKey)?.name;
  if (namedCurve !== undefined) {
    return {
      key: key.toCryptoKey({ name: 'ECDSA', namedCurve }, false, ['sign']),
      digest: curveDigests.get(namedCurve) ?? 'SHA-256',
    };
  }
  if (key.asymmetricKeyType !== 'rsa') {
    throw unreadable(keyFile, act, 'it is neither an RSA nor an ECDSA key');
  }
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  return { key: key.toCryptoKey(algorithm, false, ['sign']), digest: 'SHA-256' };
}

const curveDigests: ReadonlyMap<string, string> = new Map([
  ['P-384', 'SHA-384'],
  ['P-521', 'SHA-512'],
]);
