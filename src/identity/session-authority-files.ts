/**
 * The files of the CA that signs sessions: a certificate for everybody, and its key for those who
 * sign. Both are made at first use, by whichever process comes first.
 */

import { randomBytes } from 'node:crypto';
import { link, open, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { PortcullisError, systemCodeOf, systemReason } from '../errors.ts';
import { issueCertificate } from './issue-certificate.ts';
import { unreadable } from './read-file.ts';
import { readSecretFile } from './secret-file.ts';

export interface SessionAuthorityFiles {
  /** PEM, readable by everybody: the front and other hosts need it. */
  readonly certificateFile: string;
  /** PEM, readable by its owner. */
  readonly keyFile: string;
}

/** Bytes of a key file with the certificate that it was made with. */
export const keyFileBytesMax = 64 * 1024;

/** As long as the CA that Pulp 2 made, some 19 years. */
export const authorityDays = 7035;

const act = 'use the key of the session CA';
const dayMilliseconds = 86_400_000;

/**
 * Makes the CA when neither of its files is there. The key's file holds the certificate as well, and
 * appears in one step: of several processes one wins, and whoever comes after it, or after a stop in
 * between, writes the same certificate beside it.
 *
 * @throws PortcullisError SESSION_AUTHORITY_UNUSABLE when the files cannot be made
 * @throws PortcullisError FILE_UNREADABLE when there is a key that was not made here, and no certificate
 */
export async function makeAuthorityFiles(
  { certificateFile, keyFile }: SessionAuthorityFiles,
  now: Date,
): Promise<'made' | 'found'> {
  if (await exists(certificateFile)) return 'found';
  let isOurs = false;
  if (!(await exists(keyFile))) {
    const made = newAuthority(now);
    isOurs = await publish(keyFile, made.key + made.certificate, 0o600);
  }
  const text = await readKeyFile(keyFile);
  const start = text.indexOf('-----BEGIN CERTIFICATE-----');
  if (start < 0) {
    throw unreadable(
      certificateFile,
      'use the certificate of the session CA',
      `it is missing, and its key is in ${keyFile}; put it back, or move the key away for a new CA`,
    );
  }
  await publish(certificateFile, text.slice(start), 0o644);
  return isOurs ? 'made' : 'found';
}

/**
 * The text of the key's file.
 *
 * @throws PortcullisError FILE_UNREADABLE also when others could read or exchange it (T93)
 */
export async function readKeyFile(keyFile: string): Promise<string> {
  return readSecretFile(keyFile, keyFileBytesMax, act);
}

function newAuthority(now: Date) {
  // The hour before is for the clocks of other hosts.
  const notBefore = new Date(now.getTime() - dayMilliseconds / 24);
  return issueCertificate({
    kind: 'authority',
    subject: [
      { oid: '2.5.4.10', value: 'Portcullis' },
      // A CA that is made anew has another name, so that nobody takes one for the other.
      { oid: '2.5.4.3', value: `Portcullis sessions ${randomBytes(8).toString('hex')}` },
    ],
    notBefore,
    notAfter: new Date(notBefore.getTime() + authorityDays * dayMilliseconds),
  });
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw unusable(file, error);
  }
}

/** Has `file` appear with all of `text`; false when another process was faster. */
async function publish(file: string, text: string, mode: number): Promise<boolean> {
  const temporary = `${file}.${randomBytes(8).toString('hex')}`;
  try {
    await writeDurably(temporary, text, mode);
    const isFirst = await linkUnlessThere(temporary, file).finally(() => unlink(temporary));
    await using directory = await open(path.dirname(file), 'r');
    await directory.sync();
    return isFirst;
  } catch (error) {
    throw unusable(file, error);
  }
}

async function linkUnlessThere(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function writeDurably(file: string, text: string, mode: number): Promise<void> {
  // Exclusive: nothing that somebody put there is followed or overwritten.
  await using handle = await open(file, 'wx', mode);
  // Whatever the umask takes away, the front has to read the certificate.
  await handle.chmod(mode);
  await handle.writeFile(text);
  await handle.sync();
}

function unusable(file: string, error: unknown): PortcullisError {
  return new PortcullisError(
    'SESSION_AUTHORITY_UNUSABLE',
    `Cannot make the session CA in ${file}: ${systemReason(error)}`,
    { cause: error },
  );
}
