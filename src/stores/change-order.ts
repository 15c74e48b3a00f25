/**
 * Numbers the changes of what is stored in some collections, in the field `order` of each document, so that
 * whoever knows them reads those alone that changed since.
 */

import { everything } from './filter.ts';
import type { Store } from './store.ts';

/** What is numbered together. */
export interface OrderedCollections {
  /** A collection for the one document that counts. */
  readonly counter: string;
  /** Each has an index on `order`. */
  readonly collections: readonly string[];
}

/**
 * Changes that may be under way while one with a higher order is seen: readers go back over so many, and a
 * change that was overtaken by more is not acknowledged before it has a higher one.
 */
export const lateOrdersMax = 100;

const id = 'last';

/** The order that was given last; 0 when none was. */
export async function lastOrder(
  store: Pick<Store, 'get'>,
  { counter }: OrderedCollections,
): Promise<number> {
  const document = await store.get(counter, id);
  return Number(document?.number ?? 0);
}

/** The order of a change that is about to be made. */
export async function nextOrder(
  store: Pick<Store, 'find' | 'insert' | 'update'>,
  of: OrderedCollections,
): Promise<number> {
  for (;;) {
    const result = await store.update(of.counter, id, { $inc: { number: 1 } });
    if ('document' in result) return Number(result.document.number);
    await store.insert(of.counter, { _id: id, number: await highestOrder(store, of) });
  }
}

/** Gives what was changed a higher order until no reader can have passed it by. */
export async function catchUp(
  store: Pick<Store, 'find' | 'get' | 'insert' | 'update'>,
  of: OrderedCollections,
  changed: { readonly collection: string; readonly id: string; readonly order: number },
): Promise<void> {
  let { order } = changed;
  while (!((await lastOrder(store, of)) - order < lateOrdersMax)) {
    order = await nextOrder(store, of);
    await store.update(changed.collection, changed.id, { $set: { order } });
  }
}

/** Where the count was lost, it goes on from what there is. */
async function highestOrder(
  store: Pick<Store, 'find'>,
  { collections }: OrderedCollections,
): Promise<number> {
  const sort = [['order', -1]] as const;
  const query = { filter: everything, sort, limit: 1, fields: ['order'] };
  const found = await Promise.all(collections.map((each) => store.find(each, query)));
  return Math.max(0, ...found.flat().map(({ order }) => Number(order ?? 0)));
}
