/** Small files of whoever runs the program, which may be anything in fact. */

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { systemCodeOf, systemReason } from '../errors.ts';

export interface SmallFile {
  readonly text: string;
  readonly mode: number;
}

/** @returns undefined when there is none; why it cannot be read, as a clause */
export async function readSmallFile(
  file: string,
  bytesMax: number,
): Promise<SmallFile | { readonly problem: string } | undefined> {
  try {
    // Without O_NONBLOCK a FIFO would be waited for until somebody writes to it.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile()) return { problem: 'it is not a regular file' };
    if (stats.size > bytesMax) return { problem: `it is longer than ${bytesMax} bytes` };
    return { text: await handle.readFile('utf8'), mode: stats.mode };
  } catch (error) {
    return systemCodeOf(error) === 'ENOENT' ? undefined : { problem: systemReason(error) };
  }
}
