/** Removal of directories that were made read-only; somebody else may be at it as well. */

import { chmod, opendir, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { isDone, unless } from './faults.ts';
import { modes } from './layout.ts';

/** Removes `directory` with all that is in it. Follows no links. What is not there is no fault. */
export async function removeTree(directory: string): Promise<void> {
  // What comes and goes while the entries are read may be missed: a second look finds it.
  while (await emptyDirectory(directory)) {
    const removed = unless(['ENOENT'], rmdir(directory));
    if (await isDone(['ENOTEMPTY', 'EEXIST'], removed)) return;
  }
}

/** @returns false when there is none */
async function emptyDirectory(directory: string): Promise<boolean> {
  if (!(await isDone(['ENOENT'], chmod(directory, modes.private)))) return false;
  const entries = await unless(['ENOENT'], opendir(directory));
  if (entries === undefined) return false;
  for await (const entry of entries) {
    const name = path.join(directory, entry.name);
    if (entry.isDirectory()) await removeTree(name);
    else await unless(['ENOENT'], unlink(name));
  }
  return true;
}
