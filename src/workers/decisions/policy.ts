/**
 * What the primary does next, decided from what it knows: no process, no clock, no chance in here.
 *
 * | phase     | the worker                      | becomes                                            |
 * |-----------|---------------------------------|----------------------------------------------------|
 * | starting  | runs, does not listen yet       | serving: it says that it is ready                  |
 * |           |                                 | aborted: bootSeconds are over                      |
 * |           |                                 | dismissed: it is no longer wanted                  |
 * | serving   | takes requests                  | asked: silent for silenceSeconds                   |
 * |           |                                 | draining: its successor serves, or none is wanted  |
 * |           |                                 | killed: its memory is at memoryBytesMax            |
 * | asked     | may be stuck                    | serving: it says something                         |
 * |           |                                 | aborted: silent for answerSeconds more             |
 * |           |                                 | draining, killed: as when it serves                |
 * | draining  | ends its running requests       | aborted: drainSeconds and a grace are over         |
 * | dismissed | lost its channel, ends at once  | killed: dismissMs are over                         |
 * | aborted   | got SIGABRT                     | killed: abortSeconds are over                      |
 * | killed    | got SIGKILL                     |                                                    |
 *
 * From every phase a worker may end by itself. A worker with a cause to leave serves on until its
 * successor, in the same slot and on the same sockets, is ready: no slot is ever empty by choice.
 */

import type { Action, LeaveAction } from './actions.ts';
import type { PoolState } from './pool-state.ts';
import { reloadResult } from './reload-result.ts';
import { nextReplacement } from './replacement.ts';
import { nextRetirement } from './retirement.ts';
import { nextSpawn } from './spawning.ts';
import { nextLimit } from './time-limits.ts';
import type { Timing } from './timing.ts';

/**
 * The next thing to do, or undefined when there is nothing to do before `now` has moved or something
 * has happened. Each action, once applied, takes away its own reason.
 *
 * @param now monotonic milliseconds
 */
export function nextAction(state: PoolState, now: number, timing: Timing): Action | undefined {
  if (state.stop !== undefined) return nextOfStop(state, now, timing);
  return (
    giveUp(state) ??
    nextLimit(state, now, timing) ??
    reloadResult(state) ??
    nextRetirement(state) ??
    nextReplacement(state, now, timing) ??
    nextSpawn(state, now)
  );
}

function nextOfStop(state: PoolState, now: number, timing: Timing): Action | undefined {
  const isUrgent = state.stop === 'interrupt';
  for (const { id, phase } of state.workers) {
    const leave = (type: LeaveAction['type']): Action => ({ type, worker: id, cause: 'stopped' });
    if (phase === 'aborted' && isUrgent) return leave('kill');
    if (phase === 'starting') return leave('dismiss');
    if (phase === 'serving' || phase === 'asked') return leave(isUrgent ? 'dismiss' : 'drain');
    if (phase === 'draining' && isUrgent) return leave('dismiss');
  }
  return nextLimit(state, now, timing);
}

/** A start has failed when no pool could bring up a single worker. */
function giveUp({ plan, served, bootDeaths, lastFailure }: PoolState): Action | undefined {
  if (served.size > 0 || lastFailure === undefined) return undefined;
  const { bootAttemptsMax } = plan.supervision;
  const isHopeless = plan.pools.every(({ name }) => (bootDeaths.get(name) ?? 0) >= bootAttemptsMax);
  return isHopeless ? { type: 'give-up', failure: lastFailure } : undefined;
}
