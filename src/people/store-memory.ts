/**
 * What was read of the store, kept in memory for as long as it is known to be so: a change ends it
 * within the published time, and while the store is away it goes on to count for a bounded time.
 */

import { PortcullisError } from '../errors.ts';
import { keepNewest } from '../keep-newest.ts';
import type { Logger } from '../log.ts';
import { Outage } from '../stores/outage.ts';
import type { Store } from '../stores/store.ts';
import type { StoreReader } from '../stores/store-reader.ts';
import { countsStill, type Watch, watchStore } from '../stores/watch.ts';

export interface StoreMemoryOptions {
  readonly store: Store;
  /** The collections that are read. */
  readonly collections: readonly string[];
  /**
   * How long the store may be away until nothing counts any more that is in memory, in seconds. It is
   * away once it has not answered for the time within which changes are promised to arrive.
   */
  readonly outageSeconds: number;
  /** Answers that are kept; the one that was not used for longest goes. */
  readonly entriesMax: number;
  readonly log: Logger;
  /** Milliseconds of a clock that never jumps (T97). */
  readonly monotonicNow?: () => number;
}

interface Entry {
  readonly value: unknown;
  readonly generation: number;
}

export class StoreMemory implements StoreReader, AsyncDisposable {
  readonly #options: StoreMemoryOptions;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #generations = new Map<string, number>();
  readonly #watch: Watch;
  readonly #outage: Outage;

  constructor(options: StoreMemoryOptions) {
    this.#options = options;
    this.#now = options.monotonicNow ?? (() => performance.now());
    const { log, outageSeconds } = options;
    this.#outage = new Outage({
      ...{ log, outageSeconds, over: 'The store answers again' },
      begun: 'The store does not answer: rules go by what is in memory, for a while',
    });
    this.#watch = watchStore(options.store, {
      collections: options.collections,
      onChange: (changed) => this.#forget(changed),
      onFailure: (error) => this.#outage.begin(error),
      onCurrent: () => this.#outage.end(),
    });
  }

  /**
   * What was decided by `collections` at one version counts while the version is the same. Undefined
   * while nothing counts that is in memory.
   */
  version(collections: Iterable<string>): number | undefined {
    return this.#isCurrent() ? this.#generation(collections) : undefined;
  }

  async read<Value>(
    collection: string,
    key: string,
    load: (store: Store) => Promise<Value>,
  ): Promise<Value> {
    const place = `${collection} ${key}`;
    const kept = this.#recall(place, collection);
    if (kept !== undefined) return kept.value as Value;
    if (this.#outage.reason !== undefined) throw away(this.#outage.reason);
    const isWatched = this.#watch.currentAt !== undefined;
    const generation = this.#generation([collection]);
    const value = await load(this.#options.store);
    // A change that came meanwhile may be missing in it.
    if (isWatched && generation === this.#generation([collection])) {
      keepNewest(this.#entries, place, { value, generation }, this.#options.entriesMax);
    }
    return value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }

  #isCurrent(): boolean {
    return countsStill(this.#watch.currentAt, this.#now(), this.#options.outageSeconds);
  }

  #generation(collections: Iterable<string>): number {
    // A loop: with each remembered decision it is asked for.
    let sum = 0;
    for (const collection of collections) sum += this.#generations.get(collection) ?? 0;
    return sum;
  }

  #recall(place: string, collection: string): Entry | undefined {
    const entry = this.#entries.get(place);
    if (entry === undefined || !this.#isCurrent()) return undefined;
    this.#entries.delete(place);
    if (entry.generation !== this.#generation([collection])) return undefined;
    this.#entries.set(place, entry);
    return entry;
  }

  #forget(changed: ReadonlySet<string>): void {
    for (const collection of changed) {
      this.#generations.set(collection, this.#generation([collection]) + 1);
    }
  }
}

function away(reason: string): PortcullisError {
  return new PortcullisError(
    'STORE_UNAVAILABLE',
    `Cannot ask the store: it does not answer, and nobody is let in for want of an answer (${reason})`,
  );
}
