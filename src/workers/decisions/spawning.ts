/** Which slot gets a new worker, and of which generation. */

import type { Action } from './actions.ts';
import {
  headOf,
  isInPlan,
  type PoolState,
  type SlotState,
  type SpawnCause,
  workersOf,
} from './pool-state.ts';

/** Processes of one slot at a time: one that serves and its successor, or one that ends. */
export const processesPerSlotMax = 2;

export function nextSpawn(state: PoolState, now: number): Action | undefined {
  for (const slot of state.slots) {
    if (now < slot.notBefore || headOf(state, slot) !== undefined) continue;
    const generation = generationFor(state, slot);
    const processes = workersOf(state, slot);
    if (generation === undefined || processes.length >= processesPerSlotMax) continue;
    return {
      type: 'spawn',
      worker: state.births + 1,
      pool: slot.pool,
      slot: slot.slot,
      generation,
      cause: spawnCause(state, slot),
    };
  }
  return undefined;
}

/**
 * While a reload has not shown that its workers can start, one at a time is tried, and every other
 * slot that needs a worker gets one of the old generation.
 */
function generationFor(state: PoolState, slot: SlotState): number | undefined {
  const { plan, generation, reload } = state;
  const isKept = isInPlan(plan, slot);
  if (reload === undefined) return isKept ? generation : undefined;
  if (!isInPlan(reload.plan, slot)) return isKept ? generation : undefined;
  const isTried = state.workers.some((worker) => worker.generation === reload.generation);
  const makesRoom = workersOf(state, slot).some(({ leaving }) => leaving === 'reload');
  if (reload.isProven || makesRoom || !isTried) return reload.generation;
  return isKept ? generation : undefined;
}

/** A successor is due to what its predecessor leaves for; others to how the last one ended. */
function spawnCause(state: PoolState, slot: SlotState): SpawnCause {
  const predecessor = workersOf(state, slot).findLast((worker) => worker.leaving !== undefined);
  const cause = predecessor?.leaving ?? slot.cause;
  return cause === 'removed' || cause === 'stopped' ? 'added' : cause;
}
