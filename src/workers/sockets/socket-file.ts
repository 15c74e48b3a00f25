/**
 * The mode and the owner of a unix socket's file.
 *
 * chown(2) and chmod(2) follow links, and whoever may write to the directory may put a link there
 * between two calls (T93). So the file is pinned first, and changed only if it is the right one.
 */

import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  type Stats,
} from 'node:fs';
import type { Owner } from '../plan.ts';

/** Which file it is, whatever its name. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
}

export interface SocketAccess {
  /** Permission bits. */
  readonly mode: number;
  readonly owner: Owner;
}

/** Linux's O_PATH: to name a file without opening it (open(2)). */
const oPath = 0o10000000;

/**
 * Runs `bind` so that the socket it makes has no permissions at all. The file exists from bind(2) on,
 * so its mode has to be right at that moment; chmod(2) alone is late.
 */
export function withoutPermissions<T>(bind: () => T): T {
  const umask = process.umask(0o777);
  try {
    return bind();
  } finally {
    process.umask(umask);
  }
}

/**
 * Lets those connect who may, after {@link withoutPermissions} has kept everybody out.
 *
 * @throws the system's error, and an Error when the file is not the one that was bound
 */
export function openToClients(path: string, access: SocketAccess): FileIdentity {
  // Nobody else can make such a file: a link to an older socket of ours would have a mode, or a name more.
  return change(path, access, (stats) => {
    const isFresh = (stats.mode & 0o7777) === 0 && stats.nlink === 1;
    return stats.isSocket() && isFresh && stats.uid === process.geteuid?.();
  });
}

/** Sets mode and owner of a socket that is there, if it is still the same. As {@link openToClients}. */
export function changeAccess(path: string, file: FileIdentity, access: SocketAccess): void {
  change(path, access, (stats) => stats.isSocket() && isIdentity(stats, file));
}

/** Whether the file is still at its path. */
export function isAt(path: string, file: FileIdentity): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats !== undefined && isIdentity(stats, file);
}

function change(
  path: string,
  { mode, owner }: SocketAccess,
  isRight: (stats: Stats) => boolean,
): FileIdentity {
  const descriptor = openSync(path, oPath | constants.O_NOFOLLOW);
  try {
    const stats = fstatSync(descriptor);
    if (!isRight(stats)) throw new Error('another process has replaced its file');
    // The link in /proc leads to the pinned file itself, and to nothing by name.
    const pinned = `/proc/self/fd/${descriptor}`;
    const { uid = stats.uid, gid = stats.gid } = owner;
    // After privileges were dropped, what is right already could not be set again.
    if (uid !== stats.uid || gid !== stats.gid) chownSync(pinned, uid, gid);
    if (mode !== (stats.mode & 0o7777)) chmodSync(pinned, mode);
    return { device: stats.dev, inode: stats.ino };
  } finally {
    closeSync(descriptor);
  }
}

function isIdentity(stats: Stats, { device, inode }: FileIdentity): boolean {
  return stats.dev === device && stats.ino === inode;
}
