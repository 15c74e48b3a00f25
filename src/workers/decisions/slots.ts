/** The places of workers, made and forgotten as the plans change. */

import {
  isIn,
  isInPlan,
  type Place,
  type PoolState,
  placesOf,
  type SlotState,
  type SpawnCause,
} from './pool-state.ts';

/** @param cause of the first worker of a slot that is new */
export function settleSlots(state: PoolState, cause: SpawnCause): PoolState {
  const slots = state.slots.filter(
    (slot) => isPlanned(state, slot) || state.workers.some((worker) => isIn(worker, slot)),
  );
  const reloading = state.reload === undefined ? [] : placesOf(state.reload.plan);
  for (const place of [...placesOf(state.plan), ...reloading]) {
    if (slots.some((slot) => isIn(slot, place))) continue;
    slots.push(newSlot(place, freeNumber(slots), cause));
  }
  return { ...state, slots };
}

/** Whether the plan that runs or the one of a reload has this place. */
export function isPlanned({ plan, reload }: PoolState, place: Place): boolean {
  return isInPlan(plan, place) || (reload !== undefined && isInPlan(reload.plan, place));
}

function newSlot({ pool, slot }: Place, number: number, cause: SpawnCause): SlotState {
  return { pool, slot, number, spawns: 0, earlyDeaths: 0, notBefore: -Infinity, cause };
}

function freeNumber(slots: readonly SlotState[]): number {
  const taken = new Set(slots.map(({ number }) => number));
  let number = 1;
  while (taken.has(number)) number += 1;
  return number;
}
