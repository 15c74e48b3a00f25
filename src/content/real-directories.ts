/** Where directories really are, links followed, remembered for a moment. */

import { realpath, stat } from 'node:fs/promises';
import { PortcullisError, systemCodeOf } from '../errors.ts';
import { pathFromBytes } from '../http/canonical-path.ts';
import { fileSystemPath, isAbsence } from './file-system.ts';

/** How long the real path of a directory is believed, in milliseconds. */
export const realPathMemoryMs = 1000;

/** How many directories are remembered; above it the oldest is forgotten. */
export const realPathEntriesMax = 4096;

export interface RealDirectory {
  /** The real path of the root; empty for `/`. */
  readonly root: string;
  /** The rest, free of links: begins with a slash, or is empty for the root itself. */
  readonly path: string;
}

interface Remembered {
  readonly directory: RealDirectory;
  readonly until: number;
}

/**
 * Resolving links costs several times as much as looking at a file, and a client that installs takes
 * many files from few directories. Only what was found is remembered.
 */
export class RealDirectories {
  readonly #now: () => number;
  readonly #remembered = new Map<string, Remembered>();

  /** @param now a clock in milliseconds that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What was found for `directory` not long ago. It may have changed since. */
  recall(root: string, directory: string): RealDirectory | undefined {
    const remembered = this.#remembered.get(keyOf(root, directory));
    return remembered !== undefined && remembered.until > this.#now()
      ? remembered.directory
      : undefined;
  }

  /**
   * The real place of `directory`, or undefined when it is not there or not inside the root.
   *
   * @param directory path text inside the root, without a slash at its end; empty for the root
   * @throws PortcullisError CONTENT_UNAVAILABLE when the root is not a directory that can be read
   */
  async resolve(root: string, directory: string): Promise<RealDirectory | undefined> {
    const key = keyOf(root, directory);
    this.#remembered.delete(key);
    const found = await resolveInside(await resolveRoot(root), directory);
    if (found !== undefined) this.#remember(key, found);
    return found;
  }

  #remember(key: string, directory: RealDirectory): void {
    if (this.#remembered.size >= realPathEntriesMax) {
      const [oldest] = this.#remembered.keys();
      if (oldest !== undefined) this.#remembered.delete(oldest);
    }
    this.#remembered.set(key, { directory, until: this.#now() + realPathMemoryMs });
  }
}

/** The rest of `path` after `root`, when it is the root or below it, by whole segments (T24). */
export function pathInside(root: string, path: string): string | undefined {
  if (path === root) return '';
  return path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
}

function keyOf(root: string, directory: string): string {
  return `${root}\0${directory}`;
}

/** Starts at the real root: a root that is a link may be switched to another one meanwhile. */
async function resolveInside(root: string, directory: string): Promise<RealDirectory | undefined> {
  if (directory === '') return { root, path: '' };
  try {
    const path = pathInside(root, await real(root + directory));
    return path === undefined ? undefined : { root, path };
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** Every "not there" comes past here, so that a vanished root is a fault and never a 404. */
async function resolveRoot(root: string): Promise<string> {
  try {
    const realRoot = await real(root);
    if ((await stat(fileSystemPath(realRoot))).isDirectory())
      return realRoot === '/' ? '' : realRoot;
  } catch (error) {
    throw rootUnavailable(root, systemCodeOf(error) ?? 'unreadable', error);
  }
  throw rootUnavailable(root, 'not a directory');
}

function rootUnavailable(root: string, state: string, cause?: unknown): PortcullisError {
  return new PortcullisError(
    'CONTENT_UNAVAILABLE',
    `Cannot serve the root "${root}": ${state}; it has to be a directory that this user can read`,
    { cause },
  );
}

async function real(path: string): Promise<string> {
  return pathFromBytes(await realpath(fileSystemPath(path), { encoding: 'buffer' }));
}
