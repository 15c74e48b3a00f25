/** Files and directories of this process that are not meant to stay. */

import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { isDone, unless } from './faults.ts';
import { modes } from './layout.ts';
import { ownMark } from './process-mark.ts';
import { removeTree } from './remove-tree.ts';
import type { WorkDirectory } from './storage.ts';

export interface TemporaryFile extends AsyncDisposable {
  readonly path: string;
  /** Open for reading and writing; closed by disposing of the file as well. */
  readonly handle: FileHandle;
}

export class Temporary {
  readonly #directory: string;

  /** @param directory of the storage */
  constructor(directory: string) {
    this.#directory = path.join(directory, 'temporary', ownMark().text);
  }

  /** An empty file. Disposing of it removes the name; links to it stay. */
  async file(): Promise<TemporaryFile> {
    const name = await this.newName();
    const handle = await open(name, 'wx+', modes.newFile);
    return {
      path: name,
      handle,
      [Symbol.asyncDispose]: async () => {
        await handle.close();
        await unless(['ENOENT'], unlink(name));
      },
    };
  }

  /** An empty directory, which disposing of it removes with all that is in it. */
  async directory(): Promise<WorkDirectory> {
    const name = await this.newName();
    await mkdir(name, { mode: modes.private });
    return { path: name, [Symbol.asyncDispose]: () => removeTree(name) };
  }

  /** Removes a directory, for all others at one stroke; one that is not there is no fault. */
  async discard(directory: string): Promise<void> {
    const name = await this.newName();
    if (await isDone(['ENOENT'], rename(directory, name))) await removeTree(name);
  }

  /** A path at which nothing is yet. */
  async newName(): Promise<string> {
    // Each time, because whoever takes this process for dead sweeps the directory away.
    await mkdir(this.#directory, { mode: modes.private, recursive: true });
    return path.join(this.#directory, randomBytes(12).toString('hex'));
  }
}
