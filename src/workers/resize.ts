/** Another number of workers for the first pool. */

import { workersPerPoolMax } from './check-plan.ts';
import type { InstancePlan } from './plan.ts';

/** @returns undefined when the pool would have no worker, or too many */
export function resized(plan: InstancePlan, by: 1 | -1): InstancePlan | undefined {
  const [first, ...others] = plan.pools;
  if (first === undefined) return undefined;
  const workers = first.workers + by;
  if (workers < 1 || workers > workersPerPoolMax) return undefined;
  return { ...plan, pools: [{ ...first, workers }, ...others] };
}
