/** Whether the workers reach the store. */

import type { Totals } from './aggregate.ts';

/** By pool what the worst of its workers says; pools of which none has said anything are not there. */
export function storesUp({ processes }: Pick<Totals, 'processes'>): ReadonlyMap<string, boolean> {
  const pools = new Map<string, boolean>();
  for (const { pool, gauges } of processes.values()) {
    if (gauges.isStoreUp === undefined) continue;
    pools.set(pool, gauges.isStoreUp && pools.get(pool) !== false);
  }
  return pools;
}
