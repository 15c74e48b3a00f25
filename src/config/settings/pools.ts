/** The pools of workers besides the one that the top level describes. */

import type { Kind } from '../kind.ts';
import type { Place } from '../place.ts';
import { show } from '../place.ts';
import { type GroupValue, isMapping, readGroup } from '../setting.ts';
import { poolGroup, type poolMembers } from './pool.ts';

/** How many pools one configuration may have, the main one included. */
export const poolsMax = 64;

/** The name of the pool that the top level describes. */
export const mainPool = 'main';

/** The name of a pool becomes a label of metrics and a field of the log. */
const poolName = /^[a-z][a-z0-9-]{0,31}$/;

export type PoolSettings = GroupValue<typeof poolMembers>;

export interface NamedPool {
  readonly name: string;
  readonly settings: PoolSettings;
}

/** Further pools are written in the file alone. */
export const pools: Kind<readonly NamedPool[]> = {
  expected: `a mapping of at most ${poolsMax - 1} names to pools`,
  parse: (raw, place) => {
    if (!isMapping(raw) || Object.keys(raw).length > poolsMax - 1) {
      return place.refuse(raw, pools.expected);
    }
    const items = Object.entries(raw).map(([name, each]) =>
      isPoolName(name, place) ? parsePool(name, each, place.child(name)) : undefined,
    );
    return items.every((each) => each !== undefined) ? items : undefined;
  },
};

function parsePool(name: string, raw: unknown, place: Place): NamedPool | undefined {
  const settings = readGroup(poolGroup, raw, place, new Map());
  return settings && { name, settings };
}

function isPoolName(name: string, place: Place): boolean {
  if (name === mainPool) {
    place
      .child(name)
      .report(
        `Cannot use the name ${mainPool}: it is that of the pool which the top level describes; choose another`,
      );
    return false;
  }
  if (poolName.test(name)) return true;
  place
    .child(name)
    .report(
      `Cannot use the name ${show(name)}: expected at most 32 lower-case letters, digits and -, beginning with a letter`,
    );
  return false;
}
