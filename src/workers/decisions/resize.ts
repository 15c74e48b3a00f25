/** Another number of workers for the first pool. */

import type { InstancePlan } from '../plan.ts';
import { workersPerPoolMax } from './check-plan.ts';

/** @returns the plan, or why there can be none */
export function resized(plan: InstancePlan, by: 1 | -1): InstancePlan | string {
  const [first, ...others] = plan.pools;
  if (first === undefined) return 'there is no pool';
  const workers = first.workers + by;
  if (workers < 1) return `pool ${first.name} keeps its last worker; SIGTERM stops the instance`;
  if (workers > workersPerPoolMax) {
    return `pool ${first.name} has ${workersPerPoolMax} workers, the most that a pool may have`;
  }
  return { ...plan, pools: [{ ...first, workers }, ...others] };
}
