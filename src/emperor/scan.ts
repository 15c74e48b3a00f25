/** The configuration files of a directory, as the system shows them. */

import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open, opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCodeOf, systemReason } from '../errors.ts';
import { directoryRefusal, type Regime } from './admission.ts';
import { factsOf, isConfigurationName } from './file-facts.ts';
import type { Found } from './seen-files.ts';

export type Scan =
  /** The directory is away, or may not be used. */
  | { readonly refusal: string }
  | {
      readonly refusal: undefined;
      /** Which directory it was, whatever its path. */
      readonly identity: string;
      readonly found: ReadonlyMap<string, Found>;
      /** Files over the limit, which are not looked at. */
      readonly leftOut: number;
    };

/** Entries that are asked of the system at once. */
const entriesAtOnce = 1024;

/** A listing this soon after a change may have missed another within the same tick of the clock. */
const freshMs = 2000;

/**
 * Looks at a directory again and again. The directory is listed when it has changed; its files, of
 * which there are fewer, are looked at each time.
 */
export class DirectoryScanner {
  readonly #directory: string;
  readonly #regime: Regime;
  readonly #filesMax: number;
  #listing: Listing = { stamp: '', isFresh: false, names: [], leftOut: 0 };

  constructor(directory: string, regime: Regime, filesMax: number) {
    this.#directory = directory;
    this.#regime = regime;
    this.#filesMax = filesMax;
  }

  /** @param known names that come before others when there are too many */
  async scan(known: ReadonlyMap<string, unknown>): Promise<Scan> {
    try {
      // Of what is no directory, a named pipe must not hold us up.
      await using handle = await open(this.#directory, constants.O_NONBLOCK);
      return await this.#scanOpen(handle, known);
    } catch (error) {
      return { refusal: systemReason(error) };
    }
  }

  /** All looks are into the open directory: one that is moved meanwhile has lost none of its files. */
  async #scanOpen(handle: FileHandle, known: ReadonlyMap<string, unknown>): Promise<Scan> {
    const stats = await handle.stat({ bigint: true });
    const refusal = directoryRefusal(factsOf(stats), this.#regime);
    if (refusal !== undefined) return { refusal };
    const directory = `/proc/self/fd/${handle.fd}`;
    const { names, leftOut } = await this.#list(directory, stats, known);
    const found = await Promise.all(
      names.map(
        async (name): Promise<[string, Found]> => [name, await this.#find(directory, name)],
      ),
    );
    const identity = `${stats.dev}:${stats.ino}`;
    return { refusal: undefined, identity, found: new Map(found), leftOut };
  }

  async #list(
    directory: string,
    stats: BigIntStats,
    known: ReadonlyMap<string, unknown>,
  ): Promise<Listing> {
    const { stamp, writtenMs } = factsOf(stats);
    if (stamp === this.#listing.stamp && !this.#listing.isFresh) return this.#listing;
    const isFresh = Math.abs(Date.now() - writtenMs) < freshMs;
    const listed = await listNames(directory, known, this.#filesMax);
    this.#listing = { stamp, isFresh, ...listed };
    return this.#listing;
  }

  async #find(directory: string, name: string): Promise<Found> {
    const file = path.join(directory, name);
    try {
      const look = this.#regime.isTyrant ? lstat : stat;
      return factsOf(await look(file, { bigint: true }));
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') return systemReason(error);
      if (name.includes('\ufffd')) return 'its name is not UTF-8';
      return (await isLink(file)) ? 'it is a symbolic link to nothing' : undefined;
    }
  }
}

interface Listing {
  /** Of the directory. */
  readonly stamp: string;
  readonly isFresh: boolean;
  readonly names: readonly string[];
  readonly leftOut: number;
}

/** However many entries there are, the names in memory are few. */
async function listNames(
  directory: string,
  known: ReadonlyMap<string, unknown>,
  filesMax: number,
): Promise<Pick<Listing, 'names' | 'leftOut'>> {
  const kept: string[] = [];
  let others: string[] = [];
  let count = 0;
  for await (const { name } of await opendir(directory, { bufferSize: entriesAtOnce })) {
    if (!isConfigurationName(name)) continue;
    count += 1;
    (known.has(name) ? kept : others).push(name);
    if (others.length >= 2 * filesMax) others = others.sort().slice(0, filesMax);
  }
  const names = [...kept, ...others.sort()].slice(0, filesMax);
  return { names, leftOut: count - names.length };
}

async function isLink(file: string): Promise<boolean> {
  try {
    return (await lstat(file)).isSymbolicLink();
  } catch {
    return false;
  }
}
