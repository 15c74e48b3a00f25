/** Times that the workers of a pool tell, of which the longest counts. */

import type { Totals } from './aggregate.ts';
import type { WorkerGauges } from './snapshot.ts';

/** By pool the longest that its workers tell, in seconds; 0 where none tells of any. */
export function longestSeconds(
  { processes }: Pick<Totals, 'processes'>,
  secondsOf: (gauges: WorkerGauges) => number,
): ReadonlyMap<string, number> {
  const pools = new Map<string, number>();
  for (const { pool, gauges } of processes.values()) {
    pools.set(pool, Math.max(pools.get(pool) ?? 0, secondsOf(gauges)));
  }
  return pools;
}
