/** Tells of changes within a published time, by asking the store again and again. */

import type { Revision, Store } from './store.ts';

/**
 * From the acknowledgement of a change, in whatever process on whatever host, until every watch has
 * called back, in milliseconds: while the store answers, and the callback before it takes no longer
 * than the rest of it.
 */
export const changeReachesWithinMilliseconds = 1000;

export interface WatchOptions {
  readonly collections: readonly string[];
  /** Called at first and after each change; the next is not called before its promise ends. */
  readonly onChange: (changed: ReadonlySet<string>) => void | Promise<void>;
  /** Called when the store or `onChange` fails; the next try comes by itself. */
  readonly onFailure: (error: unknown) => void;
  /** Called each time that everything is known to be as the store has it. */
  readonly onCurrent?: () => void;
  /** How often the store is asked. */
  readonly everyMilliseconds?: number;
}

export interface Watch extends AsyncDisposable {
  /** Monotonic milliseconds at which everything was last known to be as the store has it. */
  readonly currentAt: number | undefined;
}

/** A quarter of the time that is promised: an answer may be lost, and the callback takes its time. */
const defaultMilliseconds = changeReachesWithinMilliseconds / 4;

export function watchStore(store: Store, options: WatchOptions): Watch {
  const poll = new Poll(store, options);
  poll.start();
  return poll;
}

/**
 * Whether counts at `now` what was known to be so at `currentAt`, if ever it was; both in
 * milliseconds.
 *
 * @param outageSeconds how long the store may be away meanwhile
 */
export function countsStill(
  currentAt: number | undefined,
  now: number,
  outageSeconds: number,
): boolean {
  const limit = changeReachesWithinMilliseconds + 1000 * outageSeconds;
  return currentAt !== undefined && now - currentAt <= limit;
}

class Poll implements Watch {
  readonly #store: Store;
  readonly #options: WatchOptions;
  #revision: Revision | undefined;
  #currentAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(store: Store, options: WatchOptions) {
    this.#store = store;
    this.#options = options;
  }

  get currentAt(): number | undefined {
    return this.#currentAt;
  }

  start(): void {
    this.#running = this.#poll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #poll(): Promise<void> {
    const begun = performance.now();
    try {
      await this.#step();
      this.#currentAt = begun;
      this.#options.onCurrent?.();
    } catch (error) {
      if (!this.#isClosed) this.#options.onFailure(error);
    }
    if (this.#isClosed) return;
    const { everyMilliseconds = defaultMilliseconds } = this.#options;
    const pause = Math.max(0, begun + everyMilliseconds - performance.now());
    this.#timer = setTimeout(() => this.start(), pause);
    // A watch alone is no reason for a process to go on.
    this.#timer.unref();
  }

  /** The revision moves on only when the change was taken in: what failed is told of again. */
  async #step(): Promise<void> {
    const watched = new Set(this.#options.collections);
    if (this.#revision === undefined) {
      const revision = await this.#store.revision();
      await this.#options.onChange(watched);
      this.#revision = revision;
      return;
    }
    const { revision, collections } = await this.#store.changedSince(this.#revision);
    const changed = watched.intersection(collections);
    if (changed.size > 0) await this.#options.onChange(changed);
    this.#revision = revision;
  }
}
