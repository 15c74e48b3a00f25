/** Whether files can be linked from one folder of the storage into every other: tried, with a file. */

import { randomBytes } from 'node:crypto';
import { link, lstat, readdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { PortcullisError, systemCodeOf } from '../errors.ts';
import { isDone, onStorage, storageFault, unless } from './faults.ts';
import { storageFolders } from './layout.ts';
import { isRunning, ownMark } from './process-mark.ts';
import type { Temporary } from './temporary.ts';

/** Behind it a random number, and the mark of the process, by which what a killed one left is known. */
const probePattern = /^\.probe-[0-9a-f]{16}-/;

/** @throws PortcullisError STORAGE_UNAVAILABLE, STORAGE_FULL */
export async function tryLinks(
  act: string,
  directory: string,
  temporary: Temporary,
): Promise<void> {
  const name = `.probe-${randomBytes(8).toString('hex')}-${ownMark().text}`;
  await using file = await onStorage(act, () => temporary.file());
  for (const folder of storageFolders) {
    const probe = path.join(directory, folder, name);
    try {
      await link(file.path, probe);
    } catch (error) {
      throw linkFault(act, folder, error);
    }
    await onStorage(act, () => unlink(probe));
  }
}

/**
 * Removes what killed processes left of it.
 *
 * @param secondsMin how long one of another host has to be there
 * @returns how many went
 */
export async function sweepProbes(directory: string, secondsMin: number): Promise<number> {
  const own = ownMark();
  let count = 0;
  for (const folder of storageFolders) {
    for (const name of await readdir(path.join(directory, folder))) {
      if (!probePattern.test(name)) continue;
      const running = isRunning(name.replace(probePattern, ''), own);
      const probe = path.join(directory, folder, name);
      const isLeft =
        running === false || (running === undefined && (await isOlder(probe, secondsMin)));
      if (isLeft && (await isDone(['ENOENT'], unlink(probe)))) count += 1;
    }
  }
  return count;
}

async function isOlder(file: string, seconds: number): Promise<boolean> {
  const stats = await unless(['ENOENT'], lstat(file));
  return stats !== undefined && (Date.now() - stats.mtimeMs) / 1000 >= seconds;
}

function linkFault(act: string, folder: string, error: unknown): unknown {
  const reasons: Readonly<Record<string, string>> = {
    EXDEV: `${folder}/ is on another file system than temporary/; all of it has to be on one`,
    EPERM: 'its file system has no hard links; ext4, XFS, Btrfs, ZFS and NFS have them',
    ENOTSUP: 'its file system has no hard links; ext4, XFS, Btrfs, ZFS and NFS have them',
  };
  const reason = reasons[systemCodeOf(error) ?? ''];
  return reason === undefined
    ? storageFault(act, error)
    : new PortcullisError('STORAGE_UNAVAILABLE', `Cannot ${act}: ${reason}`, { cause: error });
}
