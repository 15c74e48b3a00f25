/** What the readers of packages have in common: a look at the file first, then a program within bounds. */

import { open } from 'node:fs/promises';
import type { ProgramNeed } from './repository-type.ts';
import type { ProgramIsolation } from './run-program.ts';

/** An RPM's reader makes an empty database; a control archive may be packed to a thousandth of its size (T81). */
export const packageIsolation: ProgramIsolation = {
  fileBytesMax: 16 * 1024 * 1024,
  memoryBytesMax: 1024 ** 3,
};

/** What runs them so. */
export const isolationNeed: ProgramNeed = {
  program: 'prlimit',
  packages: { debian: 'util-linux', fedora: 'util-linux' },
};

/** Whether the file begins with these bytes. */
export async function beginsWith(file: string, magic: Buffer): Promise<boolean> {
  await using handle = await open(file, 'r');
  const begin = Buffer.alloc(magic.length);
  const { bytesRead } = await handle.read(begin, 0, begin.length, 0);
  return bytesRead === begin.length && begin.equals(magic);
}
