/** Sweeps when a worker of tasks starts, and from time to time, and warns then of what is unsafe. */

import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { sweep } from './sweep.ts';
import { warnOfUnverifiedFeeds } from './unverified-feeds.ts';

/** Between the end of one sweep and the beginning of the next, in seconds. */
export const sweepSeconds = 3600;

/** By how much of it, at random, the workers of an installation differ. */
const spread = 0.2;

export class Sweeper {
  readonly #parts: RepositoryTaskParts;
  readonly #controller = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(parts: RepositoryTaskParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Ends after the removal that is under way. */
  async stop(): Promise<void> {
    this.#controller.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#controller;
    while (!signal.aborted) {
      await this.#sweep();
      const seconds = sweepSeconds * (1 + spread * Math.random());
      await sleep(seconds * 1000, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** A failure is no news for long: the next sweep does what this one left. */
  async #sweep(): Promise<void> {
    const { log } = this.#parts;
    try {
      const swept = await sweep(this.#parts, this.#controller.signal);
      const isAnything = Object.values(swept).some((count) => count > 0);
      if (isAnything) log.info('Removed what was left behind', { ...swept });
      await warnOfUnverifiedFeeds(this.#parts);
    } catch (error) {
      if (this.#controller.signal.aborted) return;
      log.warn('Cannot remove what was left behind', { reason: messageOf(error) });
    }
  }
}
