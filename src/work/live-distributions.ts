/**
 * What the store publishes, at this moment: all distributions in memory, changes within the published time.
 * What cannot be known lets nobody in, and says why (T59).
 */

import { setTimeout as sleep, setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Served } from '../content/decide.ts';
import type { Resolved } from '../content/resolve.ts';
import type { Logger } from '../log.ts';
import type { CanonicalPath } from '../model.ts';
import { unusable } from '../policies/made.ts';
import { Ongoing } from '../policies/ongoing.ts';
import {
  type Area,
  type DistributionDocument,
  distributionsCollection,
} from '../repositories/documents.ts';
import { Outage } from '../stores/outage.ts';
import type { Store } from '../stores/store.ts';
import { countsStill, type Watch, watchStore } from '../stores/watch.ts';
import { DistributionIndex } from './distribution-index.ts';
import { FreshReads } from './fresh-reads.ts';
import type { LiveDistributionParts } from './live-distribution.ts';
import { readDistributionFresh, StoredDistributions } from './stored-distributions.ts';

export interface LiveDistributionsParts
  extends Omit<LiveDistributionParts, 'whyUnknown' | 'readFresh'> {
  readonly store: Store;
  /** The prefix of each area; begins and ends with `/`. */
  readonly prefixes: Readonly<Record<Area, string>>;
  /** How long they count while the store is away, in seconds. */
  readonly outageSeconds: number;
  readonly log: Logger;
  /** Of the store alone. */
  readonly storeLog: Logger;
  /** Milliseconds of a clock that never jumps (T97). */
  readonly monotonicNow?: () => number;
}

/**
 * At most so often the store is read for paths at which nothing is, in milliseconds: anybody may ask for such
 * paths, and whoever asks for many waits.
 */
export const learnEveryMs = 100;

/** Distributions that are taken before requests have their turn. */
const batchDistributions = 50;

export class LiveDistributions implements AsyncDisposable {
  readonly #parts: LiveDistributionsParts;
  readonly #now: () => number;
  readonly #index: DistributionIndex;
  readonly #stored: StoredDistributions;
  readonly #liveParts: LiveDistributionParts;
  readonly #making = new Ongoing();
  readonly #first = Promise.withResolvers<void>();
  readonly #readings: FreshReads<void>;
  readonly #learning: FreshReads<void>;
  #learntAt = Number.NEGATIVE_INFINITY;
  readonly #watch: Watch;
  readonly #outage: Outage;

  constructor(parts: LiveDistributionsParts) {
    this.#parts = parts;
    this.#now = parts.monotonicNow ?? (() => performance.now());
    this.#index = new DistributionIndex(parts.prefixes);
    this.#stored = new StoredDistributions(parts.store);
    this.#readings = new FreshReads(() => this.#follow());
    this.#learning = new FreshReads(() => this.#learn());
    const fresh = new FreshReads((id) => this.#readFresh(id));
    this.#liveParts = {
      ...parts,
      whyUnknown: () => this.whyUnknown(),
      readFresh: (id) => fresh.read(id),
    };
    this.#outage = new Outage({
      ...{ log: parts.storeLog, outageSeconds: parts.outageSeconds },
      begun: 'The store does not answer: its distributions count for a while as they were',
      over: 'The store answers again: what is published is as it has it',
    });
    this.#watch = watchStore(parts.store, {
      collections: [distributionsCollection],
      onChange: () => this.#readings.read('all'),
      onFailure: (error) => this.#miss(error),
      onCurrent: () => this.#recover(),
    });
  }

  /** Resolves once all was read and made or the store has failed to answer; and after `seconds`. */
  async ready(seconds: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, seconds * 1000);
    await Promise.race([this.#first.promise.then(() => this.#making.settled()), late]);
    clearTimeout(timer);
  }

  /** The distribution of a path. While it is not known what there is, it is one that lets nobody in. */
  resolve(path: CanonicalPath): Resolved<Served> | undefined {
    const found = this.#index.resolve(path);
    if (found !== undefined) return found;
    const reason = this.whyUnknown();
    const prefix = Object.values(this.#parts.prefixes).find((each) => path.startsWith(each));
    if (reason === undefined || prefix === undefined) return undefined;
    return {
      distribution: this.#unknown(reason),
      pathInDistribution: path.slice(prefix.length - 1),
    };
  }

  /**
   * Reads what the store has by now, where `path` is below a prefix: whoever was served a file of what is
   * published for the first time by another worker gets the next one here. However many ask, one reading is
   * begun each {@link learnEveryMs}. While the store is away nothing is read.
   */
  async learn(path: string): Promise<void> {
    const isServed = Object.values(this.#parts.prefixes).some((each) => path.startsWith(each));
    if (!isServed || this.#outage.reason !== undefined) return;
    // The watch tells of a store that does not answer.
    await this.#learning.read('all').catch(() => {});
  }

  /** The names right below a path, each with where something is served there; undefined where nothing is. */
  below(path: string): ReadonlyMap<string, Iterable<string>> | undefined {
    return this.#index.below(path);
  }

  /** The key that packages of a distributor are verified by, PEM. */
  keyOf(repository: string, distributor: string): string | undefined {
    return this.#index.ofDistributor(repository, distributor)?.gpg_key ?? undefined;
  }

  /** Why it is not known what the store has; undefined while it is. */
  whyUnknown(): string | undefined {
    const { currentAt } = this.#watch;
    if (countsStill(currentAt, this.#now(), this.#parts.outageSeconds)) return undefined;
    return this.#outage.reason === undefined
      ? 'the distributions of the store are not read yet'
      : `the store, which has the distributions, does not answer (${this.#outage.reason})`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
    await this.#making.settled();
    this.#index.end();
  }

  #unknown(reason: string): Served {
    const policy = unusable('the distributions of the store', reason);
    const policyAt = () => ({ policyPath: '/', policy });
    return { relativeUrl: '', root: this.#parts.publicationsDirectory, listing: false, policyAt };
  }

  async #follow(): Promise<void> {
    const readAt = this.#now();
    const { changed, gone } = await this.#stored.read();
    for (const [index, document] of changed.entries()) {
      if (index % batchDistributions === batchDistributions - 1) await yieldToOthers();
      this.#take(document, readAt);
    }
    for (const id of gone) this.#index.drop(id, readAt);
    const counts = { distributions: this.#index.size, changed: changed.length + gone.length };
    // Whoever asks for what is not there has it read, too.
    if (counts.changed > 0) this.#parts.log.info('Distributions of the store were read', counts);
    this.#first.resolve();
  }

  async #learn(): Promise<void> {
    await sleep(Math.max(0, this.#learntAt + learnEveryMs - this.#now()));
    this.#learntAt = this.#now();
    await this.#readings.read('all');
  }

  async #readFresh(id: string): Promise<DistributionDocument | undefined | 'unknown'> {
    const readAt = this.#now();
    try {
      const document = await readDistributionFresh(this.#parts.store, id);
      if (document === undefined) this.#index.drop(id, readAt);
      else this.#take(document, readAt);
      return document;
    } catch {
      // The watch says so, once.
      return 'unknown';
    }
  }

  #take(document: DistributionDocument, readAt: number): void {
    const stale = this.#index.take(document, readAt, this.#liveParts);
    if (stale !== undefined) this.#making.add(stale.make(readAt));
  }

  #miss(error: unknown): void {
    this.#outage.begin(error);
    this.#first.resolve();
  }

  #recover(): void {
    this.#outage.end();
    for (const retry of this.#index.retries()) this.#making.add(retry.make(this.#now()));
  }
}
