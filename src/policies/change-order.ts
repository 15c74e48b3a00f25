/**
 * Numbers the changes of what is stored of policies, so that whoever knows the trees reads those alone that
 * changed since.
 */

import { everything } from '../stores/filter.ts';
import type { Store } from '../stores/store.ts';
import { policyOrder, storedAccess, storedPolicies } from './documents.ts';

/**
 * Changes that may be under way while one with a higher order is seen: readers go back over so many, and a
 * change that was overtaken by more is not acknowledged before it has a higher one.
 */
export const lateOrdersMax = 100;

const id = 'last';

/** The order that was given last; 0 when none was. */
export async function lastOrder(store: Pick<Store, 'get'>): Promise<number> {
  const document = await store.get(policyOrder, id);
  return Number(document?.number ?? 0);
}

/** The order of a change that is about to be made. */
export async function nextOrder(store: Pick<Store, 'find' | 'insert' | 'update'>): Promise<number> {
  for (;;) {
    const result = await store.update(policyOrder, id, { $inc: { number: 1 } });
    if ('document' in result) return Number(result.document.number);
    await store.insert(policyOrder, { _id: id, number: await highestOrder(store) });
  }
}

/** Gives what was changed a higher order until no reader can have passed it by. */
export async function catchUp(
  store: Pick<Store, 'find' | 'get' | 'insert' | 'update'>,
  changed: { readonly collection: string; readonly id: string; readonly order: number },
): Promise<void> {
  let { order } = changed;
  while (!((await lastOrder(store)) - order < lateOrdersMax)) {
    order = await nextOrder(store);
    await store.update(changed.collection, changed.id, { $set: { order } });
  }
}

/** Where the count was lost, it goes on from what there is. */
async function highestOrder(store: Pick<Store, 'find'>): Promise<number> {
  const sort = [['order', -1]] as const;
  const query = { filter: everything, sort, limit: 1, fields: ['order'] };
  const collections = [storedPolicies, storedAccess];
  const found = await Promise.all(collections.map((each) => store.find(each, query)));
  return Math.max(0, ...found.flat().map(({ order }) => Number(order ?? 0)));
}
