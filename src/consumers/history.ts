/** What happened to each consumer, for people. Bounded: the oldest events of a consumer go. */

import { parseFilter, where } from '../stores/parse-filter.ts';
import { removeSurplus } from '../stores/remove-found.ts';
import type { Store } from '../stores/store.ts';
import type { Bound } from './bindings.ts';
import {
  type ConsumerEvent,
  type ConsumerEventType,
  eventsCollection,
  eventsMax,
  type JsonObject,
} from './documents.ts';

export interface HistoryQuery {
  readonly type?: ConsumerEventType | undefined;
  readonly limit?: number | undefined;
  /** The latest first unless given. */
  readonly order?: 'ascending' | 'descending' | undefined;
  /** Both are in it. */
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
}

export class ConsumerHistory {
  readonly #store: Store;
  readonly #now: () => Date;

  /** @param store with `consumerCollections` declared */
  constructor(store: Store, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  async record(
    { _id: consumer_id, record }: Bound,
    type: ConsumerEventType,
    originator: string,
    details: JsonObject = {},
  ): Promise<void> {
    const timestamp = this.#now();
    const event = { consumer_id, record, type, originator, timestamp, details };
    await this.#store.insert(eventsCollection, event);
    const latest = { filter: where({ consumer_id }), sort: [['timestamp', -1]] } as const;
    await removeSurplus(this.#store, eventsCollection, latest, eventsMax);
  }

  /** Of the present registration. */
  async of(
    { _id, record }: Bound,
    { type, limit, order, from, until }: HistoryQuery = {},
  ): Promise<readonly ConsumerEvent[]> {
    const period = { ...(from && { $gte: from }), ...(until && { $lte: until }) };
    const filter = parseFilter({
      consumer_id: _id,
      record,
      ...(type !== undefined && { type }),
      ...((from ?? until) !== undefined && { timestamp: period }),
    });
    const found = await this.#store.find(eventsCollection, {
      filter,
      sort: [['timestamp', order === 'ascending' ? 1 : -1]],
      ...(limit !== undefined && { limit }),
    });
    return found as unknown as readonly ConsumerEvent[];
  }
}
