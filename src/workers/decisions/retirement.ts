/** Workers that have nothing left to wait for. */

import type { Action } from './actions.ts';
import {
  headOf,
  isStanding,
  type LeaveCause,
  type PoolState,
  type WorkerState,
} from './pool-state.ts';
import { isPlanned } from './slots.ts';

/** Those of places that are gone, those that never began to serve, and those whose successor serves. */
export function nextRetirement(state: PoolState): Action | undefined {
  for (const worker of state.workers) {
    const cause = isStanding(worker) ? causeToEnd(state, worker) : undefined;
    if (cause === undefined) continue;
    const type = worker.phase === 'starting' ? 'dismiss' : 'drain';
    return { type, worker: worker.id, cause };
  }
  return undefined;
}

function causeToEnd(state: PoolState, worker: WorkerState): LeaveCause | undefined {
  if (!isPlanned(state, worker)) return 'removed';
  const { leaving } = worker;
  if (leaving === undefined || worker.phase === 'starting') return leaving;
  return headOf(state, worker)?.phase === 'serving' ? leaving : undefined;
}
