/** Adds what one process counted to the sums in the store, each count once. */

import { hash, randomBytes } from 'node:crypto';
import type { CollectionDeclaration } from '../stores/collection.ts';
import type { Document } from '../stores/document.ts';
import type { Store } from '../stores/store.ts';
import type { DecisionFields } from './entry.ts';
import { usagePairsMax, usageShardPairsMax, usageShards, usageWritersMax } from './limits.ts';
import {
  nobody,
  PairSums,
  pairOf,
  startOf,
  type Usage,
  type UsageUnit,
  usageOf,
  usageUnits,
} from './usage.ts';

export const usageSums = 'access_usage';

export const usageCollection: CollectionDeclaration = {
  name: usageSums,
  indexes: [{ fields: ['unit', 'start'] }],
};

/** What a document of sums holds, as one text: its names are those of clients, and no field's. */
export interface UsageState {
  /** The last writing of each process that is in the sums. */
  readonly writers: readonly (readonly [writer: string, writing: number])[];
  readonly sums: readonly (readonly [pair: string, usage: Usage])[];
}

/** The counts that go to one document. */
interface Share {
  readonly id: string;
  readonly unit: UsageUnit;
  readonly start: number;
  readonly sums: PairSums;
}

/** What is written together. A second try of it has the same number. */
interface Writing {
  readonly number: number;
  /** Those that are still to be written. */
  readonly shares: Share[];
}

type Writable = Pick<Store, 'insert' | 'update'>;

export class UsageWriter {
  readonly #store: () => Promise<Writable>;
  readonly #writer = randomBytes(9).toString('base64url');
  /** By the hour that they were counted in. */
  readonly #counted = new Map<number, PairSums>();
  #writing: Writing = { number: 0, shares: [] };

  constructor(store: () => Promise<Writable>) {
    this.#store = store;
  }

  /** @returns whether it was a download */
  count(fields: DecisionFields, time: Date): boolean {
    const usage = usageOf(fields);
    if (usage === undefined || fields.distribution === undefined) return false;
    const hour = startOf('hour', time.getTime());
    const sums = this.#counted.get(hour) ?? new PairSums(usagePairsMax);
    sums.add(pairOf(fields.distribution, fields.principal ?? nobody), usage);
    this.#counted.set(hour, sums);
    return true;
  }

  /** Writes all that was counted; what cannot be written is tried again. */
  async flush(): Promise<void> {
    await this.#finish();
    const shares = sharesOf(this.#counted);
    this.#counted.clear();
    this.#writing = { number: this.#writing.number + 1, shares: [...shares] };
    await this.#finish();
  }

  async #finish(): Promise<void> {
    const { number, shares } = this.#writing;
    for (let share = shares[0]; share !== undefined; share = shares[0]) {
      await this.#write(await this.#store(), share, number);
      shares.shift();
    }
  }

  async #write(store: Writable, share: Share, number: number): Promise<void> {
    const { id, unit, start } = share;
    const added = (state: UsageState): Document => ({
      ...{ unit, start: new Date(start) },
      state: JSON.stringify(withShare(state, share, this.#writer, number)),
    });
    const change = (document: Document): Document | undefined => {
      const state = readUsageState(document);
      return isWritten(state, this.#writer, number) ? undefined : added(state);
    };
    if ((await store.update(usageSums, id, change)).outcome !== 'missing') return;
    const made = await store.insert(usageSums, { _id: id, ...added({ writers: [], sums: [] }) });
    if (made.outcome === 'duplicate') await store.update(usageSums, id, change);
  }
}

export function readUsageState({ state }: Document): UsageState {
  return JSON.parse(String(state)) as UsageState;
}

function isWritten({ writers }: UsageState, writer: string, number: number): boolean {
  return writers.some(([name, writing]) => name === writer && writing >= number);
}

function withShare(
  { writers, sums }: UsageState,
  share: Share,
  writer: string,
  number: number,
): UsageState {
  const total = new PairSums(usageShardPairsMax, sums);
  for (const [pair, usage] of share.sums.entries()) total.add(pair, usage);
  const rest = writers.filter(([name]) => name !== writer);
  const recent = [...rest, [writer, number] as const].slice(-usageWritersMax);
  return { writers: recent, sums: total.entries() };
}

/** Each document once: a day has several hours, and a second share of one writing would count as written. */
function sharesOf(counted: ReadonlyMap<number, PairSums>): readonly Share[] {
  const shares = new Map<string, Share>();
  for (const [hour, hourSums] of counted) {
    for (const [pair, usage] of hourSums.entries()) {
      for (const unit of usageUnits) {
        const start = startOf(unit, hour);
        const id = `${unit} ${new Date(start).toISOString()} ${shardOf(pair)}`;
        const share = shares.get(id) ?? { id, unit, start, sums: new PairSums(usagePairsMax) };
        share.sums.add(pair, usage);
        shares.set(id, share);
      }
    }
  }
  return [...shares.values()];
}

function shardOf(pair: string): number {
  return Number.parseInt(hash('sha256', pair, 'hex').slice(0, 8), 16) % usageShards;
}
