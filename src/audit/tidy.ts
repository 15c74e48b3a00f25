/** Removes the oldest of the decision log: what is over its bounds in number and in time. */

import { setImmediate } from 'node:timers/promises';
import { everything } from '../stores/filter.ts';
import { parseFilter } from '../stores/parse-filter.ts';
import type { Query, Store } from '../stores/store.ts';
import { segmentEntriesMax, tidyDocumentsMax } from './limits.ts';
import { placeOf, segments } from './segment.ts';
import { unitMilliseconds } from './usage.ts';

export interface AuditBounds {
  /** Entries that are kept at most. */
  readonly entries: number;
  /** Days for which they are kept at most. */
  readonly days: number;
}

/**
 * Any number of processes may do it at once.
 *
 * @returns how many documents were removed
 */
export async function tidyDecisions(
  store: Pick<Store, 'find' | 'count' | 'remove'>,
  bounds: AuditBounds,
  now: Date,
): Promise<number> {
  return untilNothingIsLeft(() => removeSome(store, bounds, now));
}

/**
 * Whatever was written since the last look, all that is too much goes.
 *
 * @param remove removes some and gives their number; 0 also where others have removed them
 * @returns how many were removed
 */
export async function untilNothingIsLeft(remove: () => Promise<number>): Promise<number> {
  let removed = 0;
  for (let some = await remove(); some > 0; some = await remove()) {
    removed += some;
    // A change of SQLite is made at once: requests get their turn in between.
    await setImmediate();
  }
  return removed;
}

async function removeSome(
  store: Pick<Store, 'find' | 'count' | 'remove'>,
  { entries, days }: AuditBounds,
  now: Date,
): Promise<number> {
  const aged = placeOf(now.getTime() - days * unitMilliseconds.day);
  const old = await removeOldest(store, parseFilter({ until: { $lt: aged } }), tidyDocumentsMax);
  const documentsMax = Math.max(1, Math.floor(entries / segmentEntriesMax));
  const excess = (await store.count(segments, everything)) - documentsMax;
  if (excess <= 0) return old;
  return old + (await removeOldest(store, everything, Math.min(excess, tidyDocumentsMax)));
}

async function removeOldest(
  store: Pick<Store, 'find' | 'remove'>,
  filter: Query['filter'],
  limit: number,
): Promise<number> {
  const query: Query = { filter, sort: [['until', 1]], limit, fields: [] };
  let removed = 0;
  for (const { _id } of await store.find(segments, query)) {
    if ((await store.remove(segments, _id)) === 'removed') removed += 1;
  }
  return removed;
}
