/** Reads units in the order of their ids, a page at a time, however many there are. */

import type { Filter } from '../stores/filter.ts';
import { parseFilter } from '../stores/parse-filter.ts';
import type { Query, Store } from '../stores/store.ts';
import { type Unit, unitsCollection } from './documents.ts';

/** Units of one page. */
export const unitsPage = 200;

/** What is given of each unit, and how many units a page has: all of it and {@link unitsPage} without. */
export type PageOptions = Pick<Query, 'fields' | 'limit'>;

/**
 * Units that come or go while it runs are given or not; what is there throughout is given once.
 *
 * @param filter equalities that an index has before `_id`: then each page costs what it gives
 */
export async function* pageThrough(
  store: Store,
  filter: Filter,
  options: PageOptions = {},
): AsyncGenerator<Unit> {
  const { limit = unitsPage } = options;
  for (let last = ''; ; ) {
    const rest = parseFilter({ _id: { $gt: last } });
    const page = { kind: 'and', parts: [filter, rest] } as const;
    const found = await store.find(unitsCollection, { ...options, filter: page, limit });
    yield* found as unknown as readonly Unit[];
    if (found.length < limit) return;
    last = found.at(-1)?._id ?? last;
  }
}
