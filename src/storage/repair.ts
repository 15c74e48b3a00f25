/** What `portcullis verify` mends. */

import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory } from './durable.ts';
import { isDone, onStorage, unless } from './faults.ts';
import { artifactPath, modes, publicationsBelow } from './layout.ts';
import { awayName, putBack } from './trash.ts';

/**
 * Takes damaged bytes out of the way, to `damaged/`, so that they are stored anew.
 *
 * @param directory of the storage
 * @param inode of the file whose bytes were read: what was stored anew meanwhile stays
 * @returns whether it was that file
 */
export async function quarantine(
  directory: string,
  sha256: string,
  inode: number,
): Promise<boolean> {
  const file = artifactPath(directory, sha256);
  const away = path.join(directory, 'damaged', awayName(sha256));
  return onStorage('take a damaged artifact away', async () => {
    if (!(await isDone(['ENOENT'], rename(file, away)))) return false;
    if ((await stat(away)).ino === inode) return true;
    await putBack(away, file);
    return false;
  });
}

/**
 * Puts the artifact in the place of a file of a publication, which has other bytes or is gone.
 *
 * @param directory of the storage
 * @returns false when the artifact or the publication is not there
 */
export async function relink(
  directory: string,
  publication: string,
  name: string,
  sha256: string,
): Promise<boolean> {
  const root = path.join(publicationsBelow(directory), publication);
  const file = path.join(root, name);
  const parent = path.dirname(file);
  return onStorage('mend a publication', async () => {
    if ((await unless(['ENOENT'], stat(root))) === undefined) return false;
    if (!(await makeWritable(root, path.dirname(name)))) return false;
    const fresh = `${file.slice(0, parent.length + 1)}.${randomBytes(8).toString('hex')}`;
    const isLinked = await isDone(['ENOENT'], link(artifactPath(directory, sha256), fresh));
    if (isLinked) await rename(fresh, file);
    await syncDirectory(parent);
    await makeReadOnly(root, path.dirname(name));
    return isLinked;
  });
}

/** Makes what is missing on the way as well. */
async function makeWritable(root: string, within: string): Promise<boolean> {
  for (const directory of wayTo(root, within)) {
    await unless(['EEXIST'], mkdir(directory, { mode: modes.newPublication }));
    if (!(await isDone(['ENOENT'], chmod(directory, modes.newPublication)))) return false;
  }
  return true;
}

async function makeReadOnly(root: string, within: string): Promise<void> {
  for (const directory of wayTo(root, within).reverse()) {
    await unless(['ENOENT'], chmod(directory, modes.finishedPublication));
  }
}

/** The directories from `root` to the one `within` it. */
function wayTo(root: string, within: string): string[] {
  const names = within === '.' ? [] : within.split('/');
  return [root, ...names.map((_, index) => path.join(root, ...names.slice(0, index + 1)))];
}
