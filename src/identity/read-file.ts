/** Reading the operator's small files, with errors that an operator understands. */

import { constants, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { PortcullisError, systemReason } from '../errors.ts';

/**
 * The text of a regular file in UTF-8.
 *
 * @param act what it is read for, as "read the CA file"; begins every error after "Cannot"
 * @param problemOf says what is wrong with the file that is open, as a clause
 * @throws PortcullisError FILE_UNREADABLE when it is missing, unreadable, no regular file, empty,
 *   longer than `bytesMax`, not UTF-8, or has a problem
 */
export async function readTextFile(
  file: string,
  bytesMax: number,
  act: string,
  problemOf: (stats: Stats) => string | undefined = () => undefined,
): Promise<string> {
  const bytes = await readBytes(file, bytesMax, act, problemOf);
  if (bytes.length > bytesMax) throw unreadable(file, act, `it is longer than ${bytesMax} bytes`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(file, act, 'it is not UTF-8 text');
  }
  if (text.trim() === '') throw unreadable(file, act, 'it is empty');
  return text;
}

/** The error for a file of which `state` is true. */
export function unreadable(file: string, act: string, state: string): PortcullisError {
  return new PortcullisError('FILE_UNREADABLE', `Cannot ${act} ${file}: ${state}`);
}

/** At most one byte more than `bytesMax`, also of a file that never ends. */
async function readBytes(
  file: string,
  bytesMax: number,
  act: string,
  problemOf: (stats: Stats) => string | undefined,
): Promise<Uint8Array> {
  try {
    // Without O_NONBLOCK a FIFO would be waited for until somebody writes to it.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile()) throw unreadable(file, act, 'it is not a regular file');
    const problem = problemOf(stats);
    if (problem !== undefined) throw unreadable(file, act, problem);
    const buffer = Buffer.alloc(bytesMax + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
      length += bytesRead;
      if (bytesRead === 0) return buffer.subarray(0, length);
    }
  } catch (error) {
    if (error instanceof PortcullisError) throw error;
    throw unreadable(file, act, systemReason(error));
  }
}
