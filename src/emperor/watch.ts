/** Tells of changes in a directory at once, where the system can. What it misses a scan finds. */

import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';
import { systemReason } from '../errors.ts';
import type { Logger } from '../log.ts';
import { isConfigurationName } from './file-facts.ts';

export class DirectoryWatch implements Disposable {
  readonly #directory: string;
  readonly #onChange: () => void;
  readonly #log: Logger;
  #watcher: FSWatcher | undefined;
  #identity: string | undefined;

  constructor(directory: string, onChange: () => void, log: Logger) {
    this.#directory = directory;
    this.#onChange = onChange;
    this.#log = log;
  }

  /**
   * @param identity of the directory that is at the path now; another one is watched anew
   * @returns whether it is watched only from now on
   */
  follow(identity: string): boolean {
    if (identity === this.#identity) return false;
    this[Symbol.dispose]();
    this.#identity = identity;
    try {
      this.#watcher = watch(this.#directory, { persistent: false }, (_, name) => this.#hear(name));
      this.#watcher.on('error', (error) => this.#tell(error));
      return true;
    } catch (error) {
      this.#tell(error);
      return false;
    }
  }

  /** Nothing is there to watch. */
  lose(): void {
    this[Symbol.dispose]();
    this.#identity = undefined;
  }

  [Symbol.dispose](): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #hear(name: string | null): void {
    const isOfInterest =
      name === null || isConfigurationName(name) || name === path.basename(this.#directory);
    if (isOfInterest) this.#onChange();
  }

  /** Once for each directory: the scans go on. */
  #tell(error: unknown): void {
    this[Symbol.dispose]();
    this.#log.warn('Cannot watch the directory: changes are seen at the next scan', {
      directory: this.#directory,
      reason: systemReason(error),
    });
  }
}
