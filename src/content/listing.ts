/** The entries of a directory, one page at a time, at a bounded cost. */

import type { BigIntStats, Dirent } from 'node:fs';
import { lstat, opendir, realpath } from 'node:fs/promises';
import { encodePath, pathFromBytes } from '../http/canonical-path.ts';
import { fileSystemPath, isAbsence, unavailable } from './file-system.ts';
import { absolutePath, type FoundDirectory, isHidden, wholeSeconds } from './find.ts';
import { openDirectory, pathOfHandle } from './open.ts';
import { pathInside } from './real-directories.ts';

/**
 * How many entries of one directory are read. What is beyond is not listed, and the listing says so:
 * a directory of a million entries costs no more than one of this size (T85).
 */
export const listingScanEntriesMax = 10_000;

export interface ListingEntry {
  /** Path text of one segment. */
  readonly name: string;
  /** Relative to the directory, percent-encoded; a directory's ends with a slash. */
  readonly href: string;
  readonly type: 'file' | 'directory';
  /** Bytes; undefined for a directory. */
  readonly size: number | undefined;
  /** Whole seconds since 1970. */
  readonly modified: number;
}

export interface Listing {
  /** Counted from 1. */
  readonly page: number;
  readonly pages: number;
  /** Whether the directory has more entries than were read. */
  readonly truncated: boolean;
  /** Directories first, then by name; a symbolic link stands among the files. */
  readonly entries: readonly ListingEntry[];
}

export interface ListingOptions {
  readonly page: number;
  readonly pageEntries: number;
  readonly visibleDotNames: readonly string[];
}

interface Name {
  readonly name: string;
  readonly isDirectory: boolean;
}

interface Scan {
  readonly names: readonly Name[];
  readonly truncated: boolean;
}

/**
 * Reads one page; undefined when there is no such page. Hidden names, links that leave the root and
 * what is neither file nor directory are not in it (T27, T105).
 *
 * @throws PortcullisError NOT_FOUND when the directory is gone, CONTENT_UNAVAILABLE when it cannot
 * be read
 */
export async function readListing(
  found: FoundDirectory,
  options: ListingOptions,
): Promise<Listing | undefined> {
  const handle = await openDirectory(found);
  try {
    const directory = pathOfHandle(handle);
    const { names, truncated } = await scan(directory, new Set(options.visibleDotNames));
    const pages = Math.max(1, Math.ceil(names.length / options.pageEntries));
    if (options.page > pages) return undefined;
    const start = (options.page - 1) * options.pageEntries;
    const shown = names.toSorted(inOrder).slice(start, start + options.pageEntries);
    const entries = await Promise.all(
      shown.map(({ name }) => describe(found.root, directory, name)),
    );
    return {
      page: options.page,
      pages,
      truncated,
      entries: entries.filter((e) => e !== undefined),
    };
  } catch (error) {
    throw unavailable(absolutePath(found), error);
  } finally {
    await handle.close();
  }
}

async function scan(directory: string, visible: ReadonlySet<string>): Promise<Scan> {
  const names: Name[] = [];
  let scanned = 0;
  // Names are bytes; the types of Node know only text here.
  const encoding = 'buffer' as BufferEncoding;
  const entries: AsyncIterable<Dirent<string | Buffer>> = await opendir(directory, {
    encoding,
    bufferSize: 2048,
  });
  for await (const entry of entries) {
    scanned += 1;
    if (scanned > listingScanEntriesMax) return { names, truncated: true };
    const name = typeof entry.name === 'string' ? entry.name : pathFromBytes(entry.name);
    const isDirectory = entry.isDirectory();
    const isListed = isDirectory || entry.isFile() || entry.isSymbolicLink();
    if (isListed && !isHidden(name, visible)) names.push({ name, isDirectory });
  }
  return { names, truncated: false };
}

function inOrder(a: Name, b: Name): number {
  if (a.isDirectory !== b.isDirectory) return a.isDirectory ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

/** Undefined for what is gone, leaves the root, or cannot be served. */
async function describe(
  root: string,
  directory: string,
  name: string,
): Promise<ListingEntry | undefined> {
  try {
    const path = fileSystemPath(`${directory}/${name}`);
    const stats = await lstat(path, { bigint: true });
    if (!stats.isSymbolicLink()) return entryFrom(name, stats);
    const target = pathFromBytes(await realpath(path, { encoding: 'buffer' }));
    if (pathInside(root, target) === undefined) return undefined;
    return entryFrom(name, await lstat(fileSystemPath(target), { bigint: true }));
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

function entryFrom(name: string, stats: BigIntStats): ListingEntry | undefined {
  const common = { name, modified: wholeSeconds(stats.mtimeNs) };
  if (stats.isDirectory()) {
    return { ...common, type: 'directory', href: `${encodePath(name)}/`, size: undefined };
  }
  if (!stats.isFile()) return undefined;
  return { ...common, type: 'file', href: encodePath(name), size: Number(stats.size) };
}
