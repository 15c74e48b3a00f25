/** Which units come into a repository at the end of a sync, and which go. Pure. */

import { outlived } from './retention.ts';
import type { SyncedUnit } from './synced-unit.ts';

export interface PlanOptions {
  /** The types of which the remote repository says all that there is. */
  readonly types: readonly string[];
  /** Whether what it does not have any more goes. */
  readonly removeMissing: boolean;
  /** Versions of a package besides the newest; undefined for all. */
  readonly retainOldCount: number | undefined;
}

export interface MembershipPlan {
  /** Ids of units. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * @param remote what the remote repository has
 * @param present what the repository has of those types
 */
export function planMemberships(
  remote: ReadonlyMap<string, SyncedUnit>,
  present: ReadonlyMap<string, SyncedUnit>,
  { types, removeMissing, retainOldCount }: PlanOptions,
): MembershipPlan {
  const replaced = new Set([...remote.values()].map(({ replaces }) => replaces));
  const leaves = ({ id, type, replaces }: SyncedUnit): boolean => {
    if (remote.has(id) || !types.includes(type)) return false;
    return removeMissing || (replaces !== null && replaced.has(replaces));
  };
  const removed = new Set([...present.values()].filter(leaves).map(({ id }) => id));
  const kept = new Map([...present, ...remote]);
  for (const id of removed) kept.delete(id);
  if (retainOldCount !== undefined) {
    for (const { id } of outlived(kept.values(), ({ version }) => version, retainOldCount)) {
      kept.delete(id);
      if (present.has(id)) removed.add(id);
    }
  }
  const added = [...remote.keys()].filter((id) => kept.has(id) && !present.has(id));
  return { added, removed: [...removed] };
}
