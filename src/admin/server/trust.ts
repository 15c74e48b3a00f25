/** The certificates of authorities that the server is verified against. */

import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { getCACertificates } from 'node:tls';
import { systemReason } from '../../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

/** Where Linux distributions keep the certificates that the host trusts. */
const systemFiles = ['/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/certs/ca-certificates.crt'];

/** Files of a directory that hold certificates, by the names that OpenSSL gives them too. */
const certificateFile = /\.(?:pem|crt|cer|\d)$/;

/** PEM, one or more certificates in each. */
export async function readTrust(caPath: string | undefined): Promise<readonly string[] | Failure> {
  if (caPath === undefined) return readSystemTrust();
  try {
    const isDirectory = (await stat(caPath)).isDirectory();
    const files = isDirectory ? await filesOf(caPath) : [caPath];
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const certificates = texts.filter((text) => text.includes('-----BEGIN '));
    return certificates.length === 0 ? unusable(caPath, 'there is no certificate') : certificates;
  } catch (error) {
    return unusable(caPath, systemReason(error));
  }
}

async function readSystemTrust(): Promise<readonly string[]> {
  for (const file of systemFiles) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text.includes('-----BEGIN ')) return [text];
  }
  return getCACertificates('default');
}

async function filesOf(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory);
  return names
    .filter((name) => certificateFile.test(name))
    .sort()
    .map((name) => path.join(directory, name));
}

function unusable(caPath: string, reason: string): Failure {
  return new Failure({
    title: 'CA Certificates',
    lines: [
      `Cannot verify the server with ca_path ${caPath}: ${reason}.`,
      'ca_path of the section [server] names a file or a directory with the certificate of the CA.',
    ],
    exitCode: exitCodes.connection,
  });
}
