/** Workers that serve, and are to be followed by another. */

import type { Action } from './actions.ts';
import {
  headOf,
  type PoolState,
  placesOf,
  type RestartCause,
  type WorkerState,
} from './pool-state.ts';
import { recycleCause } from './recycle.ts';
import type { Timing } from './timing.ts';

/** A worker that broke its word goes at once; a reload and recycling take one at a time. */
export function nextReplacement(state: PoolState, now: number, timing: Timing): Action | undefined {
  return nextOverdue(state, timing) ?? nextOfReload(state) ?? nextRecycled(state, now, timing);
}

function nextOverdue(state: PoolState, timing: Timing): Action | undefined {
  const worker = state.workers.find(
    (one) => one.phase === 'serving' && one.leaving === undefined && isOverdue(one, timing),
  );
  return worker && replace(worker, 'overdue');
}

function isOverdue({ report, supervision }: WorkerState, { overdueGraceMs }: Timing): boolean {
  const waited = report?.oldestRequest?.milliseconds ?? 0;
  return waited >= supervision.requestSeconds * 1000 + overdueGraceMs;
}

/** After a reload that failed, the workers that it had put in place are replaced in the same way. */
function nextOfReload(state: PoolState): Action | undefined {
  const { plan, generation } = state.reload ?? state;
  const isBusy = state.workers.some(
    (worker) =>
      worker.leaving === 'reload' ||
      worker.leaving === 'rollback' ||
      (worker.phase === 'starting' && worker.generation === generation),
  );
  if (isBusy) return undefined;
  for (const place of placesOf(plan)) {
    const head = headOf(state, place);
    // An empty place is where to try first: nothing is lost there.
    if (head === undefined && state.reload?.isProven === false) return undefined;
    if (head === undefined || head.generation === generation) continue;
    return replace(head, state.reload === undefined ? 'rollback' : 'reload');
  }
  return undefined;
}

function nextRecycled(state: PoolState, now: number, timing: Timing): Action | undefined {
  if (state.reload !== undefined) return undefined;
  const isBusy = state.workers.some(
    ({ leaving, phase }) =>
      phase === 'starting' || (leaving !== undefined && leaving !== 'removed'),
  );
  if (isBusy) return undefined;
  for (const worker of state.workers) {
    const cause = recycleCause(worker, now, timing);
    if (cause !== undefined && worker.leaving === undefined) return replace(worker, cause);
  }
  return undefined;
}

function replace({ id }: WorkerState, cause: RestartCause): Action {
  return { type: 'replace', worker: id, cause };
}
