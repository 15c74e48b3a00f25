/** What is at a path inside a root: a regular file, a directory, or nothing. */

import { type BigIntStats, lstatSync } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { pathFromBytes } from '../http/canonical-path.ts';
import { fileSystemPath, isAbsence, unavailable } from './file-system.ts';
import { pathInside, RealDirectories, type RealDirectory } from './real-directories.ts';

/** Where something is, free of symbolic links. */
interface Place {
  /** The root with its own links followed, absolute; empty for the root of the file system. */
  readonly root: string;
  /** Path text relative to `root`: begins with a slash, no link in it; empty for the root itself. */
  readonly path: string;
}

/** The path of a place in the file system. */
export function absolutePath(place: Place): string {
  return place.root + place.path || '/';
}

export interface FoundFile extends Place {
  readonly kind: 'file';
  /** Bytes. */
  readonly size: number;
  /** Whole seconds since 1970. */
  readonly modified: number;
  /** The number of the file in its file system, in hexadecimal digits. */
  readonly inode: string;
}

export interface FoundDirectory extends Place {
  readonly kind: 'directory';
}

export type Found = FoundFile | FoundDirectory;

/**
 * Undefined is "nothing there", to be answered with 404: no such name, a hidden one, a link that
 * leaves the root or leads nowhere, a FIFO, socket or device, or a file with a slash behind it.
 *
 * @throws PortcullisError CONTENT_UNAVAILABLE when it cannot be known: the root is gone, permission
 * is missing, the disk fails
 */
export type Finder = (root: string, pathInDistribution: string) => Promise<Found | undefined>;

export interface FinderOptions {
  /** Names that begin with a dot and are served all the same. */
  readonly visibleDotNames: readonly string[];
  /** A clock in milliseconds that never goes back. */
  readonly now?: () => number;
}

/**
 * Nothing is opened, so that no FIFO or device can hold a request. The directory of a file is proved
 * to be inside the root at most {@link realPathMemoryMs} earlier; a front that is told not to follow
 * links, or `openFound`, holds what it opens to the link-free path that is found here (T27, T39a).
 */
export function createFinder(options: FinderOptions): Finder {
  const visible = new Set(options.visibleDotNames);
  const directories = new RealDirectories(options.now ?? performance.now.bind(performance));
  return async (root, path) => {
    if (hasHiddenSegment(path, visible)) return undefined;
    try {
      return await look(directories, root, path);
    } catch (error) {
      throw unavailable(`${root}${path}`, error);
    }
  };
}

/** Why {@link Finder} says that nothing is at `path`, for the operator who sees a file there. */
export function whyNothing(path: string, visibleDotNames: readonly string[]): string {
  const visible = new Set(visibleDotNames);
  const hidden = path.split('/').find((segment) => isHidden(segment, visible));
  return hidden === undefined
    ? 'there is no such file, or only a link that leaves the root'
    : `the name "${hidden}" is hidden: it begins with a dot and is not in content.visibleDotNames`;
}

/** Whether a name is hidden: it begins with a dot and is not among the visible ones. */
export function isHidden(name: string, visibleDotNames: ReadonlySet<string>): boolean {
  return name.startsWith('.') && !visibleDotNames.has(name);
}

function hasHiddenSegment(path: string, visible: ReadonlySet<string>): boolean {
  if (!path.includes('/.')) return false;
  return path.split('/').some((segment) => isHidden(segment, visible));
}

async function look(
  directories: RealDirectories,
  root: string,
  path: string,
): Promise<Found | undefined> {
  const wanted = path.endsWith('/') ? 'directory' : 'any';
  const bare = wanted === 'directory' ? path.slice(0, -1) : path;
  const cut = Math.max(bare.lastIndexOf('/'), 0);
  const name = bare.slice(cut);
  const remembered = directories.recall(root, bare.slice(0, cut));
  const found = remembered && (await classify(remembered, name, wanted, lstatAtOnce));
  // A remembered directory may have been moved or unpublished since: only a fresh look says no.
  if (found !== undefined) return found;
  const directory = await directories.resolve(root, bare.slice(0, cut));
  return directory && classify(directory, name, wanted, lstatInThread);
}

/** @param name one segment with its leading slash; empty for the directory itself */
async function classify(
  directory: RealDirectory,
  name: string,
  wanted: 'directory' | 'any',
  lstatOrNothing: typeof lstatAtOnce | typeof lstatInThread,
): Promise<Found | undefined> {
  const place = { root: directory.root, path: directory.path + name };
  const stats = await lstatOrNothing(place);
  if (stats === undefined) return undefined;
  const found = stats.isSymbolicLink() ? await follow(place) : foundFrom(place, stats);
  return found?.kind === 'file' && wanted === 'directory' ? undefined : found;
}

async function follow(link: Place): Promise<Found | undefined> {
  const target = await realPlaceInside(link);
  const stats = target && (await lstatInThread(target));
  return target && stats && foundFrom(target, stats);
}

/**
 * For a directory that a thread has resolved within the last second, so that its storage answers and
 * the kernel knows it: 3 µs, where the way through a thread takes 30 to 40 µs of processor time. A
 * front opens the file in the same manner a moment later.
 */
function lstatAtOnce(place: Place): BigIntStats | undefined {
  try {
    return lstatSync(fileSystemPath(absolutePath(place)), { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

async function lstatInThread(place: Place): Promise<BigIntStats | undefined> {
  try {
    return await lstat(fileSystemPath(absolutePath(place)), { bigint: true });
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

async function realPlaceInside(link: Place): Promise<Place | undefined> {
  try {
    const bytes = await realpath(fileSystemPath(absolutePath(link)), { encoding: 'buffer' });
    const path = pathInside(link.root, pathFromBytes(bytes));
    return path === undefined ? undefined : { root: link.root, path };
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

function foundFrom(place: Place, stats: BigIntStats): Found | undefined {
  if (stats.isDirectory()) return { kind: 'directory', ...place };
  if (!stats.isFile()) return undefined;
  return {
    kind: 'file',
    ...place,
    size: Number(stats.size),
    modified: wholeSeconds(stats.mtimeNs),
    inode: stats.ino.toString(16),
  };
}

/** 9999-12-31T23:59:59Z, the last second that HTTP can write. Some file systems hold far later ones. */
export const modifiedSecondsMax = 253_402_300_799;

/** Seconds as nginx counts them: cut, not rounded, and never before 1970. */
export function wholeSeconds(nanoseconds: bigint): number {
  if (nanoseconds < 0n) return 0;
  return Math.min(Number(nanoseconds / 1_000_000_000n), modifiedSecondsMax);
}
