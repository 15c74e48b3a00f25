/** Whether the documents of a plan can come in the order of a query, so that a limit ends the reading. */

import type { ReadQuery } from '../query.ts';
import type { KeyRange } from './keys.ts';
import type { StoredIndex } from './layout.ts';
import type { Plan } from './plan.ts';

export interface SortedPlan {
  readonly plan: Plan;
  readonly direction: 1 | -1;
  readonly isSorted: boolean;
}

/** All keys of an index. */
const wholeIndex: KeyRange = { from: Buffer.of(0), until: Buffer.of(0xff) };

export function planSort(
  plan: Plan,
  query: ReadQuery,
  indexes: readonly StoredIndex[],
): SortedPlan {
  const [field, ...more] = query.sort;
  const path = field?.names.join('.') ?? '_id';
  const direction = field?.direction ?? 1;
  if (path === '_id') {
    const isSorted = isSortedById(plan, direction);
    return { plan, direction: isSorted ? direction : 1, isSorted };
  }
  const index = indexes.find(({ name, unique }) => unique && name === path);
  const isNarrowed = plan.kind !== 'scan' && !(plan.kind === 'index' && plan.index === index);
  if (index === undefined || isNarrowed || more.length > 0) {
    return { plan, direction: 1, isSorted: false };
  }
  if (plan.kind === 'scan') {
    const whole = { kind: 'index', index, ranges: [wholeIndex], equal: 0 } as const;
    return { plan: whole, direction, isSorted: true };
  }
  return { plan, direction, isSorted: plan.kind === 'index' && plan.ranges.length === 1 };
}

function isSortedById(plan: Plan, direction: 1 | -1): boolean {
  if (plan.kind === 'scan') return true;
  // Ids that were asked for come in their order, and only so.
  if (plan.kind === 'ids') return direction === 1;
  return plan.ranges.length === 1 && plan.index.fields[plan.equal]?.join('.') === '_id';
}
