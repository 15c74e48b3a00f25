/** Removes what processes left that were killed, while others are at work on the same storage. */

import { lstat, opendir, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { isDone, unless } from './faults.ts';
import { artifactPath } from './layout.ts';
import { sweepProbes } from './probe.ts';
import { isRunning, ownMark } from './process-mark.ts';
import { removeTree } from './remove-tree.ts';
import type { Swept } from './storage.ts';
import { putBack, trashEntries } from './trash.ts';

/** Of other hosts it is not known which of their processes run: what they did not touch for a day goes. */
export const foreignSecondsMax = 24 * 3600;

export async function sweepStorage(
  directory: string,
  isReferred: (sha256: string) => Promise<boolean>,
): Promise<Swept> {
  const temporary =
    (await sweepTemporary(path.join(directory, 'temporary'))) +
    (await sweepProbes(directory, foreignSecondsMax));
  let [putBackCount, removed] = [0, 0];
  for await (const { path: away, sha256 } of trashEntries(directory)) {
    if (await isReferred(sha256)) {
      await putBack(away, artifactPath(directory, sha256));
      putBackCount += 1;
    } else {
      await unless(['ENOENT'], unlink(away));
      removed += 1;
    }
  }
  return { temporary, putBack: putBackCount, removed };
}

/** @returns how many files and directories went */
async function sweepTemporary(temporary: string): Promise<number> {
  const own = ownMark();
  let count = 0;
  for await (const { name } of await opendir(temporary)) {
    const running = isRunning(name, own);
    if (running === true) continue;
    const directory = path.join(temporary, name);
    count += await sweepProcess(directory, running === false ? 0 : foreignSecondsMax);
    await unless(['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'], rmdir(directory));
  }
  return count;
}

async function sweepProcess(directory: string, secondsMin: number): Promise<number> {
  const entries = await unless(['ENOENT', 'ENOTDIR'], opendir(directory));
  if (entries === undefined) return 0;
  let count = 0;
  for await (const entry of entries) {
    const name = path.join(directory, entry.name);
    if ((await secondsUntouched(name)) < secondsMin) continue;
    if (entry.isDirectory()) await removeTree(name);
    else if (!(await isDone(['ENOENT'], unlink(name)))) continue;
    count += 1;
  }
  return count;
}

/** By the clock of whoever keeps the file system. */
async function secondsUntouched(name: string): Promise<number> {
  const stats = await unless(['ENOENT'], lstat(name));
  return stats === undefined ? 0 : (Date.now() - stats.mtimeMs) / 1000;
}
