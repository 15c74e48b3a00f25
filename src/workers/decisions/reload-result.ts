/** Whether a reload has come to its end. */

import type { Action } from './actions.ts';
import { headOf, type PoolState, placesOf } from './pool-state.ts';

/** It is done when each place of its plan serves and nobody who made room for that is left. */
export function reloadResult(state: PoolState): Action | undefined {
  const { reload } = state;
  if (reload === undefined) return undefined;
  if (reload.failure !== undefined) return { type: 'finish-reload', failure: reload.failure };
  if (state.workers.some(({ leaving }) => leaving === 'reload')) return undefined;
  const isDone = placesOf(reload.plan).every((place) => {
    const head = headOf(state, place);
    return head?.generation === reload.generation && head.readyAt !== undefined;
  });
  return isDone ? { type: 'finish-reload', failure: undefined } : undefined;
}
