/** Reads units in the order of their ids, a page at a time, however many there are. */

import type { Filter } from '../stores/filter.ts';
import { parseFilter } from '../stores/parse-filter.ts';
import type { Store } from '../stores/store.ts';
import { type Unit, unitsCollection } from './documents.ts';

/** Units of one page. */
export const unitsPage = 200;

/**
 * Units that come or go while it runs are given or not; what is there throughout is given once.
 *
 * @param filter equalities that an index has before `_id`: then each page costs what it gives
 */
export async function* pageThrough(store: Store, filter: Filter): AsyncGenerator<Unit> {
  for (let last = ''; ; ) {
    const rest = parseFilter({ _id: { $gt: last } });
    const page = { kind: 'and', parts: [filter, rest] } as const;
    const found = await store.find(unitsCollection, { filter: page, limit: unitsPage });
    yield* found as unknown as readonly Unit[];
    if (found.length < unitsPage) return;
    last = found.at(-1)?._id ?? last;
  }
}
