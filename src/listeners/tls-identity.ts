/** The certificate and key by which the TLS listener shows who it is. */

import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { messageOf, PortcullisError, systemCodeOf, systemReason } from '../errors.ts';

export interface TlsFiles {
  /** PEM, the server's own certificate first. */
  readonly certificate: string;
  readonly key: string;
}

export interface TlsIdentity {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * Reads both files, and has OpenSSL say whether a server can be started with them.
 *
 * @throws PortcullisError FILE_UNREADABLE
 */
export function readTlsIdentity(files: TlsFiles): TlsIdentity {
  const cert = read(files.certificate, 'certificate');
  const key = read(files.key, 'key');
  try {
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (error) {
    const detail = `Cannot use the server certificate ${files.certificate} with the key ${files.key}: ${whyNot(error)}`;
    throw new PortcullisError('FILE_UNREADABLE', detail);
  }
}

function read(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const detail = `Cannot read the server's ${what} ${file}: ${systemReason(error)}`;
    throw new PortcullisError('FILE_UNREADABLE', detail);
  }
}

/** What OpenSSL says is for those who know its source. */
function whyNot(error: unknown): string {
  switch (systemCodeOf(error)) {
    case 'ERR_OSSL_X509_KEY_VALUES_MISMATCH':
      return 'the key is that of another certificate';
    case 'ERR_OSSL_PEM_NO_START_LINE':
      return 'one of the two is not what its setting needs, a certificate and its private key in PEM';
    default:
      return messageOf(error);
  }
}
