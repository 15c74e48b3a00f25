/** The session certificate with its key, in the file where pulp-admin has it. */

import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemReason } from '../errors.ts';
import { exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';
import { readSmallFile } from './small-file.ts';

/** The longest file read, in bytes. */
export const sessionBytesMax = 64 * 1024;

export interface Session {
  /** The key and the certificate, PEM. */
  readonly pem: string;
  readonly notAfter: Date;
  /** As pulp-admin shows it: `Nov 28 12:00:00 2026 GMT`. */
  readonly notAfterText: string;
}

/** Undefined when there is none. */
export async function readSession(file: string): Promise<Session | Failure | undefined> {
  const read = await readSmallFile(file, sessionBytesMax);
  if (read === undefined) return undefined;
  if ('problem' in read) {
    return unusable(`Cannot read the session certificate ${file}: ${read.problem}.`);
  }
  return (
    parseSession(read.text) ??
    unusable(
      `Cannot use the session certificate ${file}: it is no certificate with its key; portcullis-admin login -u NAME writes it anew.`,
    )
  );
}

/** Undefined for what is not a certificate with the key of it. */
export function parseSession(pem: string): Session | undefined {
  try {
    const certificate = new X509Certificate(pem);
    if (!certificate.checkPrivateKey(createPrivateKey(pem))) return undefined;
    const { validToDate: notAfter, validTo: notAfterText } = certificate;
    return { pem, notAfter, notAfterText: notAfterText.replace(/ +/g, ' ') };
  } catch {
    return undefined;
  }
}

/** Nobody but the owner can read it at any time, and none is ever half there. */
export async function writeSession(file: string, { pem }: Session): Promise<Failure | undefined> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(draft, pem, { mode: 0o600, flag: 'wx' });
    await rename(draft, file);
    return undefined;
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    return unusable(`Cannot keep the session certificate in ${file}: ${systemReason(error)}.`);
  }
}

export async function removeSession(file: string): Promise<Failure | undefined> {
  try {
    await rm(file, { force: true });
    return undefined;
  } catch (error) {
    return unusable(`Cannot remove the session certificate ${file}: ${systemReason(error)}.`);
  }
}

function unusable(line: string): Failure {
  return new Failure({ title: 'Session Certificate', lines: [line], exitCode: exitCodes.software });
}
