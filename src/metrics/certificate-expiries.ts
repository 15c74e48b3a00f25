/** When the certificates of the configuration end. */

import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type CertificateExpiry, certificateNameCharactersMax } from './snapshot.ts';

export interface CertificateFile {
  /** What the metrics call it: the setting that names it, or its path. */
  readonly name: string;
  /** PEM. */
  readonly file: string;
}

/**
 * Of each file the end of the certificate that ends first. A file that cannot be read, or holds what
 * is no certificate, is left out: whoever uses it says what is wrong with it.
 */
export async function readCertificateExpiries(
  files: readonly CertificateFile[],
): Promise<readonly CertificateExpiry[]> {
  const read = files.map(async ({ name, file }) => {
    const ends = await readEnds(file);
    return ends.length === 0
      ? []
      : [{ name: name.slice(-certificateNameCharactersMax), expiresAt: Math.min(...ends) }];
  });
  return (await Promise.all(read)).flat();
}

/** A server's file may hold its key as well. */
const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Unix times, seconds. */
async function readEnds(file: string): Promise<readonly number[]> {
  try {
    const blocks = (await readFile(file, 'latin1')).match(certificateBlock) ?? [];
    return blocks.map((block) => new X509Certificate(block).validToDate.getTime() / 1000);
  } catch {
    return [];
  }
}
