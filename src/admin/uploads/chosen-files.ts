/** The files that a command is to upload. */

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemReason } from '../../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

export interface ChosenFile {
  /** Absolute. */
  readonly file: string;
  /** In bytes. */
  readonly size: number;
  /** In milliseconds since 1970. */
  readonly modified: number;
}

/** What is read of a file at a time, in bytes. */
const digestChunkBytes = 1024 * 1024;

/**
 * @param directories of which the files that end with `suffix` are meant, not those in directories below
 * @returns each file once; a failure when one is missing or no regular file, or a directory has none
 */
export async function chooseFiles(
  files: readonly string[],
  directories: readonly string[],
  suffix: string,
): Promise<readonly ChosenFile[] | Failure> {
  const paths = files.map((file) => path.resolve(file));
  for (const directory of directories) {
    const found = await filesIn(path.resolve(directory), suffix);
    if (found instanceof Failure) return found;
    paths.push(...found);
  }
  const chosen: ChosenFile[] = [];
  for (const file of new Set(paths)) {
    const one = await lookAt(file);
    if (one instanceof Failure) return one;
    chosen.push(one);
  }
  return chosen;
}

async function filesIn(directory: string, suffix: string): Promise<readonly string[] | Failure> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const names = entries
      .filter((entry) => !entry.isDirectory() && entry.name.toLowerCase().endsWith(suffix))
      .map((entry) => entry.name);
    const what = suffix === '' ? 'no file' : `no file that ends with ${suffix}`;
    if (names.length === 0) return unusable(directory, `there is ${what} in it`);
    return names.sort().map((name) => path.join(directory, name));
  } catch (error) {
    return unusable(directory, systemReason(error));
  }
}

async function lookAt(file: string): Promise<ChosenFile | Failure> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) return unusable(file, 'it is not a regular file');
    return { file, size: stats.size, modified: stats.mtimeMs };
  } catch (error) {
    return unusable(file, systemReason(error));
  }
}

/** The SHA-256 of a file, by which units are known; little of it is in memory at a time. */
export async function digestOf(
  { file, size }: ChosenFile,
  onRead: (bytes: number) => void,
): Promise<string | Failure> {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(Math.min(digestChunkBytes, Math.max(1, size)));
    for (let offset = 0; offset < size; ) {
      const wanted = Math.min(buffer.length, size - offset);
      const { bytesRead } = await handle.read(buffer, 0, wanted, offset);
      if (bytesRead === 0) return unusable(file, 'it became shorter while it was read');
      hash.update(buffer.subarray(0, bytesRead));
      offset += bytesRead;
      onRead(offset);
    }
    return hash.digest('hex');
  } catch (error) {
    return unusable(file, systemReason(error));
  }
}

function unusable(file: string, reason: string): Failure {
  return new Failure({
    title: 'File',
    lines: [`Cannot upload ${file}: ${reason}.`],
    exitCode: exitCodes.noInput,
  });
}
