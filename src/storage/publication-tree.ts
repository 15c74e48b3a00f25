/** A publication while it is made. */

import { constants } from 'node:fs';
import { copyFile, link, lstat, mkdir, rename, stat, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PortcullisError, systemCodeOf } from '../errors.ts';
import { syncDirectory } from './durable.ts';
import { onStorage, unless } from './faults.ts';
import { finishTree } from './finish-tree.ts';
import { artifactPath, modes, publicationsBelow } from './layout.ts';
import { manifestPath } from './manifest.ts';
import { relativePathProblem } from './relative-path.ts';
import { removeTree } from './remove-tree.ts';
import type { PublicationTree } from './storage.ts';
import { trashEntries } from './trash.ts';

export interface PublicationTreeOptions {
  readonly id: string;
  /** Its directory. */
  readonly storage: string;
  /** Where it is made. */
  readonly directory: string;
}

export class FilePublicationTree implements PublicationTree, AsyncDisposable {
  readonly directory: string;
  readonly #id: string;
  readonly #storage: string;
  /** The digests of what was linked, by path. */
  readonly #linked = new Map<string, string>();
  readonly #madeDirectories = new Set<string>(['.']);
  #isCommitted = false;

  constructor({ id, storage, directory }: PublicationTreeOptions) {
    this.#id = id;
    this.#storage = storage;
    this.directory = directory;
  }

  async link(name: string, sha256: string): Promise<void> {
    const artifact = artifactPath(this.#storage, sha256);
    const made = await onStorage('link an artifact into a publication', async () => {
      const file = await this.#prepare(name);
      try {
        return await linkOrCopy(artifact, file);
      } catch (error) {
        return this.#linkOtherwise(error, sha256, file);
      }
    });
    // A copy is not on the disk yet.
    if (made === 'link') this.#linked.set(name, sha256);
  }

  async #linkOtherwise(error: unknown, sha256: string, file: string): Promise<Made> {
    const artifact = artifactPath(this.#storage, sha256);
    if (systemCodeOf(error) === 'EEXIST' && (await areSame(artifact, file))) return 'link';
    if (systemCodeOf(error) !== 'ENOENT') throw error;
    // Somebody may be asking this moment whether the artifact may go, which is put back then.
    for await (const entry of trashEntries(this.#storage)) {
      if (entry.sha256 !== sha256) continue;
      const made = await unless(['ENOENT'], linkOrCopy(entry.path, file));
      if (made !== undefined) return made;
    }
    const made = await unless(['ENOENT'], linkOrCopy(artifact, file));
    if (made === undefined) throw missing(sha256);
    return made;
  }

  async write(name: string, bytes: string | Uint8Array): Promise<void> {
    await onStorage('write a file of a publication', async () => {
      const file = await this.#prepare(name);
      // Never into a file that is there: it may be an artifact.
      await writeFile(file, bytes, { flag: 'wx', mode: modes.newFile });
    });
  }

  /** @returns the absolute path, whose directory is there */
  async #prepare(name: string): Promise<string> {
    const problem = relativePathProblem(name);
    if (problem !== undefined) {
      throw new TypeError(`Cannot publish ${JSON.stringify(name)}: the path ${problem}`);
    }
    const parent = path.dirname(name);
    if (!this.#madeDirectories.has(parent)) {
      await mkdir(path.join(this.directory, parent), { recursive: true });
      this.#madeDirectories.add(parent);
    }
    return path.join(this.directory, name);
  }

  async commit(): Promise<void> {
    await onStorage('put a publication in place', async () => {
      await finishTree({
        id: this.#id,
        storage: this.#storage,
        directory: this.directory,
        linked: this.#linked,
      });
      const publications = publicationsBelow(this.#storage);
      await rename(this.directory, path.join(publications, this.#id));
      this.#isCommitted = true;
      await syncDirectory(publications);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isCommitted) return;
    await onStorage('remove a publication', async () => {
      await removeTree(this.directory);
      await unless(['ENOENT'], unlink(manifestPath(this.#storage, this.#id)));
    });
  }
}

type Made = 'link' | 'copy';

/** File systems bound how many links a file has; one more is a copy then. */
async function linkOrCopy(artifact: string, file: string): Promise<Made> {
  const { COPYFILE_EXCL, COPYFILE_FICLONE } = constants;
  try {
    await link(artifact, file);
    return 'link';
  } catch (error) {
    if (systemCodeOf(error) !== 'EMLINK') throw error;
    await copyFile(artifact, file, COPYFILE_EXCL | COPYFILE_FICLONE);
    return 'copy';
  }
}

async function areSame(artifact: string, file: string): Promise<boolean> {
  const [one, other] = await Promise.all([unless(['ENOENT'], stat(artifact)), lstat(file)]);
  return one?.ino === other.ino && one.dev === other.dev;
}

function missing(sha256: string): PortcullisError {
  return new PortcullisError(
    'CONTENT_UNAVAILABLE',
    `Cannot publish the artifact ${sha256}: it is not in the storage; upload or sync it again`,
  );
}
