/**
 * Artifacts on their way out. Whoever moved one here asks afterwards whether somebody refers to it; so
 * may anybody else who finds it, because the question is only asked later then.
 */

import { randomBytes } from 'node:crypto';
import { link, opendir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory } from './durable.ts';
import { unless } from './faults.ts';
import { digestPattern } from './layout.ts';

/** The digest, and what tells several removals of it apart. */
export function awayName(sha256: string): string {
  return `${sha256}.${randomBytes(8).toString('hex')}`;
}

/** The artifact is there afterwards, unless somebody who asked later has removed it. */
export async function putBack(away: string, file: string): Promise<void> {
  // One that was kept meanwhile has the same bytes.
  await unless(['EEXIST', 'ENOENT'], link(away, file));
  await syncDirectory(path.dirname(file));
  await unless(['ENOENT'], unlink(away));
}

export interface TrashEntry {
  readonly path: string;
  readonly sha256: string;
}

/** @param directory of the storage */
export async function* trashEntries(directory: string): AsyncIterable<TrashEntry> {
  const trash = path.join(directory, 'trash');
  for await (const { name } of await opendir(trash)) {
    const [sha256 = ''] = name.split('.');
    if (digestPattern.test(sha256)) yield { path: path.join(trash, name), sha256 };
  }
}
