/** The beginning and the end of a reload. */

import type { InstancePlan } from '../plan.ts';
import type { PoolState, WorkerState } from './pool-state.ts';
import { settleSlots } from './slots.ts';

/** Slots that waited for another try get it now: the new plan may be what mends them. */
export function beginReload(state: PoolState, plan: InstancePlan, now: number): PoolState {
  const generation = state.generations + 1;
  const begun: PoolState = {
    ...state,
    generations: generation,
    reload: { plan, generation, isProven: false, failure: undefined },
    slots: state.slots.map((slot) => ({ ...slot, earlyDeaths: 0, notBefore: now })),
  };
  return settleSlots(begun, 'added');
}

/** @param failure why the old generation stays; undefined when the new one has taken its place */
export function finishReload(state: PoolState, failure: string | undefined): PoolState {
  const { reload } = state;
  if (reload === undefined) return state;
  if (failure === undefined) {
    const { plan, generation } = reload;
    return settleSlots({ ...state, plan, generation, reload: undefined }, 'added');
  }
  const workers = state.workers.map((worker) => takeBack(worker, reload.generation));
  return settleSlots({ ...state, reload: undefined, workers }, 'added');
}

/** Those that were to make room stay, and those that had not begun to serve go. */
function takeBack(worker: WorkerState, failed: number): WorkerState {
  if (worker.generation === failed) {
    return worker.phase === 'starting'
      ? { ...worker, leaving: worker.leaving ?? 'rollback' }
      : worker;
  }
  const waits = worker.phase === 'serving' || worker.phase === 'asked';
  return waits && worker.leaving === 'reload' ? { ...worker, leaving: undefined } : worker;
}
