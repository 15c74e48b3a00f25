/** The directories that sockets lie in. */

import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  mkdirSync,
  openSync,
  type Stats,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { systemCodeOf, systemReason } from '../../errors.ts';
import type { Owner } from '../plan.ts';

/** What makes a directory unfit, as the end of a sentence. */
export class UnfitDirectory extends Error {}

/**
 * Makes `directory` and those above it that are missing, each with `mode` and `owner`, and leaves
 * those that are there as they are.
 *
 * @returns what the operator should know, as sentences
 * @throws UnfitDirectory, or the system's error
 */
export function prepareDirectory(directory: string, mode: number, owner: Owner): readonly string[] {
  makeMissing(directory, mode, owner);
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = systemReason(error);
    throw new UnfitDirectory(`the directory ${directory} cannot be written to: ${reason}`);
  }
  const { mode: bits } = statSync(directory);
  const isOpen = (bits & 0o002) !== 0 && (bits & 0o1000) === 0;
  return isOpen
    ? [
        `Every user of this host can replace the sockets in ${directory}; it should not be writable by all`,
      ]
    : [];
}

function makeMissing(directory: string, mode: number, owner: Owner): void {
  const stats = look(directory);
  if (stats?.isDirectory()) return;
  if (stats !== undefined) throw new UnfitDirectory(`${directory} is not a directory`);
  makeMissing(path.dirname(directory), mode, owner);
  if (made(directory)) giveAway(directory, mode, owner);
}

function look(directory: string): Stats | undefined {
  try {
    return statSync(directory, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCodeOf(error) === 'ELOOP') {
      throw new UnfitDirectory(`the way to ${directory} leads through a symbolic link to itself`);
    }
    throw error;
  }
}

/** False when another process has made it meanwhile. */
function made(directory: string): boolean {
  try {
    mkdirSync(directory, 0o700);
    return true;
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
    if (look(directory) !== undefined) return false;
    throw new UnfitDirectory(`${directory} is a symbolic link to nothing`);
  }
}

/** By its descriptor: at its path may lie, by now, a link to a directory of somebody else's (T93). */
function giveAway(directory: string, mode: number, owner: Owner): void {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  const descriptor = openSync(directory, flags);
  try {
    if (fstatSync(descriptor).uid !== process.geteuid?.()) {
      throw new UnfitDirectory(`another user has replaced ${directory} while it was made`);
    }
    fchownSync(descriptor, owner.uid ?? -1, owner.gid ?? -1);
    fchmodSync(descriptor, mode);
  } finally {
    closeSync(descriptor);
  }
}
