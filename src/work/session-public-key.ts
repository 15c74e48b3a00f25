/** The public key of the CA that signs sessions and consumers, for whoever wants to know it. */

import { createPublicKey } from 'node:crypto';
import { messageOf } from '../errors.ts';
import { parseCertificate } from '../identity/certificate.ts';
import { unreadable } from '../identity/read-file.ts';
import { readTrustedFile } from '../identity/secret-file.ts';
import { sessionAuthoritiesPem } from '../identity/session-verifier.ts';
import type { Logger } from '../log.ts';
import { parseCertificatePem } from '../pem.ts';

const act = 'tell the public key of the CA of sessions by';

/**
 * Reads it when it is first asked for: the API makes the CA at its first start. Of several CAs it is that of
 * the first, which signs.
 *
 * @returns the key as SubjectPublicKeyInfo in PEM; undefined while there is no usable file
 */
export function createSessionPublicKey(
  file: string,
  log: Logger,
): () => Promise<string | undefined> {
  let key: string | undefined;
  let isTold = false;
  return async () => {
    try {
      key ??= await readPublicKey(file);
    } catch (error) {
      // It is asked for by everybody: what is wrong is told once.
      if (!isTold)
        log.warn('The public key of sessions cannot be told to clients', {
          reason: messageOf(error),
        });
      isTold = true;
    }
    return key;
  };
}

async function readPublicKey(file: string): Promise<string> {
  const text = await readTrustedFile(file, 2 * sessionAuthoritiesPem.bytesMax, act);
  const pem = parseCertificatePem(text, sessionAuthoritiesPem);
  if ('problem' in pem) throw unreadable(file, act, pem.problem);
  const [first = new Uint8Array()] = pem.certificates;
  const certificate = parseCertificate(first);
  if ('problem' in certificate) throw unreadable(file, act, certificate.problem);
  const key = Buffer.from(certificate.publicKey.der);
  return createPublicKey({ key, format: 'der', type: 'spki' }).export({
    format: 'pem',
    type: 'spki',
  }) as string;
}
