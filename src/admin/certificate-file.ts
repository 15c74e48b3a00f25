/** Certificates that options name: read here, and sent without what else is in their file. */

import { PortcullisError } from '../errors.ts';
import { readTextFile } from '../identity/read-file.ts';
import { certificateToPem, parseCertificatePem } from '../pem.ts';

/** The longest file read, in bytes: an entitlement certificate with its data and its key. */
export const certificateFileBytesMax = 256 * 1024;

const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * The one certificate of a file, PEM. A key beside it stays where it is.
 *
 * @param option its name, for the message
 * @throws PortcullisError FILE_UNREADABLE
 */
export async function readCertificateFile(option: string, file: string): Promise<string> {
  const act = `read --${option}`;
  const text = await readTextFile(file, certificateFileBytesMax, act);
  const pem = parseCertificatePem((text.match(block) ?? []).join('\n'));
  const [der, ...others] = 'problem' in pem ? [] : pem.certificates;
  if (der !== undefined && others.length === 0) return certificateToPem(der);
  const problem = 'problem' in pem ? pem.problem : 'it holds more than one certificate';
  throw new PortcullisError('FILE_UNREADABLE', `Cannot ${act} ${file}: ${problem}`);
}
