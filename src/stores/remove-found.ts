/** Removes what a query finds. */

import type { Query, Store } from './store.ts';

export async function removeFound(
  store: Pick<Store, 'find' | 'removeMany'>,
  collection: string,
  query: Omit<Query, 'fields'>,
): Promise<void> {
  const found = await store.find(collection, { ...query, fields: [] });
  const ids = found.map(({ _id }) => _id);
  await store.removeMany(collection, ids);
}

/** Removes what comes after the first `max` that a query finds. */
export async function removeSurplus(
  store: Pick<Store, 'count' | 'find' | 'removeMany'>,
  collection: string,
  query: Pick<Query, 'filter' | 'sort'>,
  max: number,
): Promise<void> {
  if ((await store.count(collection, query.filter)) <= max) return;
  await removeFound(store, collection, { ...query, skip: max });
}
