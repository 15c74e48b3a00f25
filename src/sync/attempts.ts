/** How often and how long one file is asked for. */

import { setTimeout } from 'node:timers/promises';
import type { SyncConfiguration } from '../config/configuration.ts';
import { SyncFailure } from './failure.ts';
import { firstWaitMilliseconds, longestWaitMilliseconds } from './limits.ts';

export class Attempts {
  readonly #limits: SyncConfiguration;
  readonly #path: string;
  readonly #outer: AbortSignal;
  readonly #late: AbortSignal;
  readonly #end: number;
  /** Aborted when the sync ends, or the time for the file is over. */
  readonly signal: AbortSignal;
  #failures = 0;

  /** @param path for messages */
  constructor(limits: SyncConfiguration, path: string, outer: AbortSignal) {
    const milliseconds = limits.fileSeconds * 1000;
    this.#limits = limits;
    this.#path = path;
    this.#outer = outer;
    this.#late = AbortSignal.timeout(milliseconds);
    this.#end = performance.now() + milliseconds;
    this.signal = AbortSignal.any([outer, this.#late]);
  }

  /**
   * To be called after each failure: waits until the next attempt, as long as the other side asks for.
   *
   * @param isFurther whether bytes came: whoever makes headway is not given up
   * @throws what it failed with, when asking again is of no use, or the wait would be too long
   */
  async next(error: unknown, isFurther = false): Promise<void> {
    this.#outer.throwIfAborted();
    const { attempts, fileSeconds } = this.#limits;
    if (this.#late.aborted) {
      throw new SyncFailure(
        `Cannot fetch ${this.#path}: it did not arrive within ${fileSeconds} s`,
      );
    }
    if (!(error instanceof SyncFailure && error.isTransient)) throw error;
    this.#failures = isFurther ? 0 : this.#failures + 1;
    if (this.#failures >= attempts) throw error;
    const wait = Math.max(this.#ownWait(), error.retryAfterSeconds * 1000);
    if (performance.now() + wait > this.#end) throw error;
    await setTimeout(wait, undefined, { signal: this.signal });
  }

  /** In milliseconds. Longer each time, and never the same for two who were refused at once. */
  #ownWait(): number {
    const longest = firstWaitMilliseconds * 2 ** this.#failures;
    return Math.min(longest, longestWaitMilliseconds) * (0.5 + Math.random() / 2);
  }
}
