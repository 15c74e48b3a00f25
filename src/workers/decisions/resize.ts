/** Another number of workers for the first pool. */

import type { InstancePlan } from '../plan.ts';

/** Whether the pool may have that many is for check-plan.ts to say. */
export function resized(plan: InstancePlan, by: 1 | -1): InstancePlan {
  const pools = plan.pools.map((pool, index) =>
    index === 0 ? { ...pool, workers: pool.workers + by } : pool,
  );
  return { ...plan, pools };
}
