/** The files of an installation below one directory, which no link in it leads out of. */

import { constants, lstatSync, readlinkSync, type Stats } from 'node:fs';
import { type FileHandle, open, opendir, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { PortcullisError, systemCodeOf, systemReason } from '../errors.ts';

/** How many symbolic links one path may take; Linux allows as many. */
export const linksMax = 40;
/** How many entries one directory may have. */
export const directoryEntriesMax = 100_000;

/** What is at a path when all links were followed. */
export interface Place {
  /** As the installation has it: absolute, and free of links. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'other';
}

export interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'link' | 'other';
}

/**
 * Links are followed as the installation would follow them if the directory were its `/`, so that one
 * that was copied or mounted elsewhere reads as it was, and none of its links reaches the host's files.
 */
export class Installation {
  /** The real path of the directory. */
  readonly root: string;
  readonly #entriesMax: number;

  private constructor(root: string, entriesMax: number) {
    this.root = root;
    this.#entriesMax = entriesMax;
  }

  /** @throws PortcullisError FILE_UNREADABLE when it is no directory that can be read */
  static async open(directory: string, entriesMax = directoryEntriesMax): Promise<Installation> {
    try {
      return new Installation(await realpath(directory), entriesMax);
    } catch (error) {
      throw unreadable(directory, systemReason(error));
    }
  }

  /** Where `file` of the installation is on this host. */
  onHost(file: string): string {
    return path.join(this.root, file);
  }

  /**
   * @param file absolute in the installation
   * @returns undefined when nothing is there, or a link that leads nowhere
   * @throws PortcullisError FILE_UNREADABLE when it cannot be told
   */
  async find(file: string): Promise<Place | undefined> {
    const pending = segmentsOf(file);
    let found: Place | undefined = { path: '/', kind: 'directory' };
    let links = 0;
    for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
      const next: string = name === '..' ? path.dirname(found.path) : path.join(found.path, name);
      const stats = this.#lstat(next);
      if (stats === undefined) return undefined;
      if (!stats.isSymbolicLink()) {
        found = { path: next, kind: kindOf(stats) };
        continue;
      }
      links += 1;
      if (links > linksMax) throw unreadable(this.onHost(file), 'it takes too many symbolic links');
      const target = this.#readLink(next);
      pending.unshift(...segmentsOf(target));
      if (target.startsWith('/')) found = { path: '/', kind: 'directory' };
    }
    return found;
  }

  /**
   * The text of a regular file in UTF-8; undefined when there is none.
   *
   * @param bytesMax the longest file, in bytes
   * @throws PortcullisError FILE_UNREADABLE for a file that is anything else, or longer
   */
  async readText(file: string, bytesMax: number): Promise<string | undefined> {
    const bytes = await this.readBytes(file, bytesMax);
    try {
      return bytes && new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      throw unreadable(this.onHost(file), 'it is not UTF-8 text');
    }
  }

  /** As {@link readText}, whatever is in the file. */
  async readBytes(file: string, bytesMax: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const found = await this.find(file);
    if (found === undefined) return undefined;
    const shown = this.onHost(file);
    if (found.kind !== 'file') throw unreadable(shown, 'it is not a regular file');
    const bytes = await this.#readPlace(found, bytesMax, shown);
    if (bytes.length > bytesMax) throw unreadable(shown, `it is longer than ${bytesMax} bytes`);
    return bytes;
  }

  /**
   * What is in a directory, by name; nothing when there is no such directory.
   *
   * @throws PortcullisError FILE_UNREADABLE when it cannot be read, or has too many entries
   */
  async list(directory: string): Promise<readonly Entry[]> {
    const found = await this.find(directory);
    if (found?.kind !== 'directory') return [];
    const entries: Entry[] = [];
    try {
      for await (const entry of await opendir(this.onHost(found.path))) {
        entries.push({ name: entry.name, kind: entry.isSymbolicLink() ? 'link' : kindOf(entry) });
        if (entries.length > this.#entriesMax) {
          const state = `it has more than ${this.#entriesMax} entries`;
          throw unreadable(this.onHost(directory), state);
        }
      }
    } catch (error) {
      throw asUnreadable(this.onHost(directory), error);
    }
    return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async #readPlace(place: Place, bytesMax: number, shown: string): Promise<Buffer<ArrayBuffer>> {
    try {
      const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
      await using handle = await open(this.onHost(place.path), flags);
      await this.#prove(handle, place);
      // One byte more than allowed, so that a file that grows meanwhile is still caught.
      const buffer = Buffer.alloc(Math.min((await handle.stat()).size, bytesMax) + 1);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      throw asUnreadable(shown, error);
    }
  }

  /** A directory of the path may have become a link meanwhile; the kernel's own name has none. */
  async #prove(handle: FileHandle, place: Place): Promise<void> {
    const opened = await readlink(`/proc/self/fd/${handle.fd}`);
    if (opened !== this.onHost(place.path)) {
      throw unreadable(this.onHost(place.path), 'it was exchanged while it was read');
    }
  }

  /** At once: a path has ten segments, a thread costs ten times the look, and nobody waits meanwhile. */
  #lstat(file: string): Stats | undefined {
    try {
      return lstatSync(this.onHost(file));
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return undefined;
      throw asUnreadable(this.onHost(file), error);
    }
  }

  #readLink(file: string): string {
    try {
      return readlinkSync(this.onHost(file));
    } catch (error) {
      throw asUnreadable(this.onHost(file), error);
    }
  }
}

function segmentsOf(file: string): string[] {
  return file.split('/').filter((segment) => segment !== '' && segment !== '.');
}

function kindOf(stats: { isFile(): boolean; isDirectory(): boolean }): Place['kind'] {
  if (stats.isFile()) return 'file';
  return stats.isDirectory() ? 'directory' : 'other';
}

function unreadable(file: string, state: string): PortcullisError {
  return new PortcullisError('FILE_UNREADABLE', `Cannot read ${file}: ${state}`);
}

function asUnreadable(file: string, error: unknown): PortcullisError {
  return error instanceof PortcullisError ? error : unreadable(file, systemReason(error));
}
