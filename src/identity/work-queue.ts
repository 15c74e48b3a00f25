/** Costly work, a few at a time, with a bound on how much may wait (T49). */

import { PortcullisError } from '../errors.ts';

export interface WorkQueueOptions {
  /** How many run at once. */
  readonly runningMax: number;
  /** How many run or wait; one more is refused at once. */
  readonly pendingMax: number;
}

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** How many run or wait. */
  get pending(): number {
    return this.#running + this.#waiting.length;
  }

  /**
   * The result of `work`, which starts when others have ended. An abort takes it out of the queue
   * or stops the waiting for it; work that runs keeps its place until it has really ended, because
   * its thread does not know of the abort.
   *
   * @throws PortcullisError CANNOT_DECIDE when too much waits already
   * @throws the signal's reason when it is aborted
   */
  async run<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    if (this.pending >= this.#options.pendingMax) {
      throw new PortcullisError(
        'CANNOT_DECIDE',
        `Cannot check a password: ${this.pending} checks are running or waiting, and no more are taken`,
      );
    }
    await this.#turn(signal);
    const result = work().finally(() => this.#next());
    return untilAborted(result, signal);
  }

  /** Resolves with a place taken. */
  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#running < this.#options.runningMax) {
      this.#running += 1;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    try {
      await untilAborted(promise, signal);
    } catch (error) {
      const index = this.#waiting.indexOf(resolve);
      if (index >= 0) this.#waiting.splice(index, 1);
      // It was called in the very moment of the abort: the place goes on to the next.
      else this.#next();
      throw error;
    }
  }

  /** Hands the place of work that ended to the one that waits longest. */
  #next(): void {
    const start = this.#waiting.shift();
    if (start === undefined) this.#running -= 1;
    else start();
  }
}

async function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal) {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
