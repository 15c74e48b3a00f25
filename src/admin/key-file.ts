/** A file for a key that its owner alone may read: there before the server makes the key, which it gives out once. */

import { randomBytes } from 'node:crypto';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { systemCodeOf, systemReason } from '../errors.ts';
import { exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';

export class KeyFile implements AsyncDisposable {
  readonly #file: string;
  /** Where it is written: aside, where it takes the place of another. */
  readonly #draft: string;
  readonly #handle: FileHandle;
  #isKept = false;

  private constructor(file: string, draft: string, handle: FileHandle) {
    this.#file = file;
    this.#draft = draft;
    this.#handle = handle;
  }

  /** @param replaces whether a regular file that is there already may be lost */
  static async reserve(file: string, replaces: boolean): Promise<KeyFile | Failure> {
    const draft = replaces ? `${file}.${randomBytes(6).toString('hex')}` : file;
    try {
      if (replaces && !(await isReplaceable(file))) {
        return unusable(file, 'it is not a regular file');
      }
      return new KeyFile(file, draft, await open(draft, 'wx', 0o600));
    } catch (error) {
      const isThere = systemCodeOf(error) === 'EEXIST';
      return unusable(
        file,
        isThere ? 'it is there already; --force replaces it' : systemReason(error),
      );
    }
  }

  /** Writes it to the disk; what failed leaves the file that was there. */
  async keep(text: string): Promise<Failure | undefined> {
    try {
      await this.#handle.writeFile(text);
      await this.#handle.sync();
      if (this.#draft !== this.#file) await rename(this.#draft, this.#file);
      this.#isKept = true;
      return undefined;
    } catch (error) {
      return unusable(this.#file, systemReason(error));
    }
  }

  /** Nothing stays of a file that was not kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
    if (!this.#isKept) await rm(this.#draft, { force: true });
  }
}

/** What is no file, as a directory or a link, nobody meant to lose. */
async function isReplaceable(file: string): Promise<boolean> {
  try {
    return (await lstat(file)).isFile();
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return true;
    throw error;
  }
}

function unusable(file: string, reason: string): Failure {
  return new Failure({
    title: 'File',
    lines: [`Cannot write --file ${file}: ${reason}.`],
    exitCode: exitCodes.noInput,
  });
}
