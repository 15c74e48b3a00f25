/** Numbers the changes of distributions, for whoever follows them. */

import { catchUp, nextOrder, type OrderedCollections } from '../stores/change-order.ts';
import type { Store } from '../stores/store.ts';
import { distributionOrder, distributionsCollection } from './documents.ts';

export const distributionOrders: OrderedCollections = {
  counter: distributionOrder,
  collections: [distributionsCollection],
};

/** @param change writes the order into the distribution, if it changes it */
export async function inOrder<Result extends { readonly outcome: string }>(
  store: Pick<Store, 'find' | 'get' | 'insert' | 'update'>,
  id: string,
  change: (order: number) => Promise<Result>,
): Promise<Result> {
  const order = await nextOrder(store, distributionOrders);
  const result = await change(order);
  if ('document' in result) {
    await catchUp(store, distributionOrders, { collection: distributionsCollection, id, order });
  }
  return result;
}
