/**
 * The trees of one collection as they are kept, read again as far as they changed: of ten thousand, one
 * change costs the reading of few.
 */

import { lastOrder, lateOrdersMax } from '../stores/change-order.ts';
import { everything } from '../stores/filter.ts';
import { parseFilter } from '../stores/parse-filter.ts';
import type { Query, Store } from '../stores/store.ts';
import { policyOrders } from './documents.ts';

export class StoredTexts {
  readonly #store: Store;
  readonly #collection: string;
  readonly #key: string;
  /** The highest order that was seen; undefined while nothing is known. */
  #order: number | undefined;
  #texts = new Map<string, string>();

  /** @param key the field that says of what a tree is */
  constructor(store: Store, collection: string, key: string) {
    this.#store = store;
    this.#collection = collection;
    this.#key = key;
  }

  /** All trees as JSON, by what they are of. */
  async read(): Promise<ReadonlyMap<string, string>> {
    const isKnown = this.#order !== undefined && (await this.#isOfPresent(this.#order));
    if (!isKnown || !(await this.#readChanges(this.#order ?? 0))) await this.#readAll();
    return this.#texts;
  }

  /** A store that was restored, or has lost its count, gives orders once more that were seen (T98). */
  async #isOfPresent(order: number): Promise<boolean> {
    return (await lastOrder(this.#store, policyOrders)) >= order;
  }

  /**
   * What was removed left no order behind, but one document less.
   *
   * @returns whether it is all that there is
   */
  async #readChanges(order: number): Promise<boolean> {
    await this.#take({ filter: parseFilter({ order: { $gt: order - lateOrdersMax } }) });
    return (await this.#store.count(this.#collection, everything)) === this.#texts.size;
  }

  async #readAll(): Promise<void> {
    this.#order = undefined;
    this.#texts = new Map();
    await this.#take({ filter: everything });
    this.#order ??= 0;
  }

  async #take(query: Query): Promise<void> {
    const fields = [this.#key, 'tree', 'order'];
    for (const document of await this.#store.find(this.#collection, { ...query, fields })) {
      this.#texts.set(String(document[this.#key]), String(document.tree));
      const order = Number(document.order ?? 0);
      if (this.#order === undefined || order > this.#order) this.#order = order;
    }
  }
}
