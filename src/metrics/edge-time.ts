/** For how long the fronts of pools go by decisions that they remember. */

import type { Totals } from './aggregate.ts';

/** By pool the longest that its workers tell, in seconds; 0 where fronts ask each time. */
export function edgeSeconds({ processes }: Pick<Totals, 'processes'>): ReadonlyMap<string, number> {
  const pools = new Map<string, number>();
  for (const { pool, gauges } of processes.values()) {
    pools.set(pool, Math.max(pools.get(pool) ?? 0, gauges.edgeDecisionSeconds));
  }
  return pools;
}
