/** Holds all downloads of a sync together to a number of bytes a second. */

import { setTimeout } from 'node:timers/promises';

export class Throttle {
  readonly #bytesPerSecond: number;
  readonly #monotonicNow: () => number;
  /** When what was let through so far may all have passed, in milliseconds. */
  #paidUntil = 0;

  /** @param monotonicNow milliseconds of a clock that never jumps (T97) */
  constructor(bytesPerSecond: number, monotonicNow: () => number = () => performance.now()) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#monotonicNow = monotonicNow;
  }

  /** Resolves when so many more bytes may have passed. */
  async pass(bytes: number, signal: AbortSignal): Promise<void> {
    const now = this.#monotonicNow();
    this.#paidUntil = Math.max(this.#paidUntil, now) + (bytes / this.#bytesPerSecond) * 1000;
    await setTimeout(this.#paidUntil - now, undefined, { signal });
  }
}
