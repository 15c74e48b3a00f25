/** Opening what was found, and proving that it is what was opened. */

import { constants, readlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { PortcullisError } from '../errors.ts';
import { pathFromBytes } from '../http/canonical-path.ts';
import { fileSystemPath, isAbsence, unavailable } from './file-system.ts';
import { absolutePath, type Found, wholeSeconds } from './find.ts';

/** An open file. Whoever has it closes it. */
export interface OpenFile {
  readonly handle: FileHandle;
  /** Bytes, of what is open: the name may belong to another file by now. */
  readonly size: number;
  /** Whole seconds since 1970. */
  readonly modified: number;
  /** As of a found file. */
  readonly inode: string;
}

/** Never waits for a FIFO's writer, never follows a last link, never becomes a terminal's owner. */
const readFlags =
  constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY;

/**
 * Opens a found file and reads its size and time from the handle.
 *
 * @throws PortcullisError NOT_FOUND when it is gone or something else by now, CONTENT_UNAVAILABLE
 * when it cannot be read
 */
export async function openFile(found: Found): Promise<OpenFile> {
  const handle = await openProved(found, readFlags);
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) throw goneMeanwhile(found);
    const modified = wholeSeconds(stats.mtimeNs);
    return { handle, size: Number(stats.size), modified, inode: stats.ino.toString(16) };
  } catch (error) {
    await handle.close();
    throw unavailable(absolutePath(found), error);
  }
}

/** Opens a found directory; its entries are under {@link pathOfHandle}. Throws as openFile. */
export async function openDirectory(found: Found): Promise<FileHandle> {
  return openProved(found, readFlags | constants.O_DIRECTORY);
}

/** A path that leads to what `handle` has open, whatever its name leads to by now. */
export function pathOfHandle(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`;
}

async function openProved(found: Found, flags: number): Promise<FileHandle> {
  const path = absolutePath(found);
  const handle = await openExisting(found, path, flags);
  try {
    // The kernel's own name of an open file has no link in it. procfs answers from memory, which is
    // cheaper than a thread's round trip.
    const opened = pathFromBytes(readlinkSync(pathOfHandle(handle), { encoding: 'buffer' }));
    if (opened !== path && opened !== `${path} (deleted)`) throw goneMeanwhile(found);
    return handle;
  } catch (error) {
    await handle.close();
    throw unavailable(path, error);
  }
}

async function openExisting(found: Found, path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(fileSystemPath(path), flags);
  } catch (error) {
    throw isAbsence(error) ? goneMeanwhile(found) : unavailable(path, error);
  }
}

function goneMeanwhile(found: Found): PortcullisError {
  return new PortcullisError(
    'NOT_FOUND',
    `Cannot open "${absolutePath(found)}": it is not what it was when it was found`,
  );
}
