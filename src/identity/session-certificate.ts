/** Signs the certificate of one session, or of one consumer. */

import { generateKeyPair, randomBytes, type webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import { certificateToPem } from '../pem.ts';
import { type Certificate, fingerprintOf } from './certificate.ts';
import { type CertificateHolder, subjectOf } from './certificate-holder.ts';
import { clientExtensions, encodeName, type IssuedCertificate } from './issue-certificate.ts';
import { signCertificate } from './pkijs.ts';

/** A certificate with its key, and what to keep of it in order to revoke it. */
export interface SessionCertificate extends IssuedCertificate {
  /** Lower-case hex without leading zeros, as the verifier gives it. */
  readonly serial: string;
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface SessionRequest {
  readonly holder: CertificateHolder;
  readonly lifetimeSeconds: number;
  readonly now: Date;
}

/** The CA that signs. */
export interface SessionSigner {
  readonly certificate: Certificate;
  readonly key: webcrypto.CryptoKey;
  /** In WebCrypto's words. */
  readonly digest: string;
}

/** How much the clock of another host may be behind ours, in seconds. */
export const clockSkewSeconds = 300;

/**
 * A new key of P-256, made in 0.1 ms where Pulp's RSA of 2048 bits takes some 50, and its certificate
 * for clients, with a random serial number of 128 bits.
 *
 * @throws TypeError for a holder that no certificate can name, or a lifetime that is none
 */
export async function signSession(
  { holder, lifetimeSeconds, now }: SessionRequest,
  { certificate: issuer, key, digest }: SessionSigner,
): Promise<SessionCertificate> {
  if (!(lifetimeSeconds > 0)) throw new TypeError('Cannot sign a session: it has no lifetime');
  const subject = encodeName(subjectOf(holder));
  const { publicKey, privateKey } = await generate('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const serial = randomBytes(16).toString('hex');
  const notBefore = wholeSeconds(
    Math.max(now.getTime() - 1000 * clockSkewSeconds, issuer.notBefore.getTime()),
  );
  const notAfter = wholeSeconds(
    Math.min(now.getTime() + 1000 * lifetimeSeconds, issuer.notAfter.getTime()),
  );
  const der = await signCertificate(
    {
      serial: BigInt(`0x${serial}`),
      issuer: Buffer.from(issuer.subjectId, 'hex'),
      subject,
      publicKey: spki,
      extensions: clientExtensions(spki, issuer),
      notBefore,
      notAfter,
    },
    key,
    digest,
  );
  return {
    certificate: certificateToPem(der),
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    serial: serial.replace(/^0+(?=.)/, ''),
    fingerprint: fingerprintOf(der),
    notBefore,
    notAfter,
  };
}

const generate = promisify(generateKeyPair);

/** The second that has begun: certificates know no others. */
function wholeSeconds(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000);
}
