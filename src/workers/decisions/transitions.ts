/** Every change of the pool's state, in one place. */

import type { WorkerReport } from '../messages.ts';
import type { InstancePlan } from '../plan.ts';
import type { Action, SpawnAction } from './actions.ts';
import { bury } from './death.ts';
import {
  type Failure,
  isIn,
  type LeaveCause,
  type Phase,
  type PoolState,
  type WorkerState,
} from './pool-state.ts';
import { recycleLimits } from './recycle.ts';
import { beginReload, finishReload } from './reload-state.ts';
import { settleSlots } from './slots.ts';
import type { Timing } from './timing.ts';

/** What happens to the pool: an action that was taken, news of a worker, a wish of the operator. */
export type Change =
  | Exclude<Action, SpawnAction>
  /** `random`, from 0 to below 1, sets the limits of the new worker apart from the others'. */
  | (SpawnAction & { readonly random: number })
  | { readonly type: 'ready'; readonly worker: number }
  | { readonly type: 'heard'; readonly worker: number; readonly report: WorkerReport }
  | { readonly type: 'failed'; readonly worker: number; readonly failure: Failure }
  /** The process is gone; `how` is for people, as `exit code 1`. */
  | { readonly type: 'ended'; readonly worker: number; readonly how: string }
  | { readonly type: 'reload'; readonly plan: InstancePlan }
  /** Another number of workers in the plan that runs. */
  | { readonly type: 'resize'; readonly plan: InstancePlan }
  | { readonly type: 'stop'; readonly how: 'drain' | 'interrupt' };

export function initialState(plan: InstancePlan): PoolState {
  const empty: PoolState = {
    plan,
    generation: 1,
    generations: 1,
    reload: undefined,
    stop: undefined,
    slots: [],
    workers: [],
    births: 0,
    served: new Set(),
    bootDeaths: new Map(),
    lastFailure: undefined,
  };
  return settleSlots(empty, 'start');
}

/** @param now monotonic milliseconds */
export function apply(state: PoolState, change: Change, now: number, timing: Timing): PoolState {
  switch (change.type) {
    case 'spawn':
      return spawn(state, change, now);
    case 'ready':
      return becomeReady(state, change.worker, now);
    case 'heard':
      return update(state, change.worker, (worker) => ({
        ...answered(worker, now),
        lastHeard: now,
        report: change.report,
      }));
    case 'failed':
      return update(state, change.worker, (worker) => ({ ...worker, failure: change.failure }));
    case 'ended':
      return bury(state, change.worker, change.how, now, timing);
    case 'replace':
      return update(state, change.worker, (worker) => ({ ...worker, leaving: change.cause }));
    case 'ask':
      return update(state, change.worker, (worker) => enter(worker, 'asked', now));
    case 'drain':
      return leave(state, change, 'draining', now);
    case 'dismiss':
      return leave(state, change, 'dismissed', now);
    case 'abort':
      return leave(state, change, 'aborted', now);
    case 'kill':
      return leave(state, change, 'killed', now);
    case 'reload':
      return beginReload(state, change.plan, now);
    case 'finish-reload':
      return finishReload(state, change.failure);
    case 'resize':
      return settleSlots({ ...state, plan: change.plan }, 'added');
    case 'give-up':
      return { ...state, stop: 'interrupt', reload: undefined };
    case 'stop':
      return { ...state, stop: change.how, reload: undefined };
  }
}

function spawn(
  state: PoolState,
  { pool, slot, generation, worker, random }: SpawnAction & { readonly random: number },
  now: number,
): PoolState {
  const { reload } = state;
  const plan = reload?.generation === generation ? reload.plan : state.plan;
  const born: WorkerState = {
    id: worker,
    pool,
    slot,
    generation,
    supervision: plan.supervision,
    limits: recycleLimits(plan.supervision.recycle, random),
    phase: 'starting',
    phaseSince: now,
    readyAt: undefined,
    lastHeard: now,
    report: undefined,
    failure: undefined,
    leaving: undefined,
  };
  return {
    ...state,
    births: worker,
    workers: [...state.workers, born],
    slots: state.slots.map((place) =>
      isIn(place, born) ? { ...place, spawns: place.spawns + 1 } : place,
    ),
  };
}

function becomeReady(state: PoolState, id: number, now: number): PoolState {
  const worker = state.workers.find((one) => one.id === id);
  if (worker === undefined || worker.readyAt !== undefined) return state;
  const { reload } = state;
  const bootDeaths = new Map(state.bootDeaths);
  bootDeaths.delete(worker.pool);
  return update(
    {
      ...state,
      served: new Set(state.served).add(worker.pool),
      bootDeaths,
      reload: reload?.generation === worker.generation ? { ...reload, isProven: true } : reload,
    },
    id,
    () => ({
      ...(worker.phase === 'starting' ? enter(worker, 'serving', now) : worker),
      readyAt: now,
      lastHeard: now,
    }),
  );
}

function answered(worker: WorkerState, now: number): WorkerState {
  return worker.phase === 'asked' ? enter(worker, 'serving', now) : worker;
}

function enter(worker: WorkerState, phase: Phase, now: number): WorkerState {
  return { ...worker, phase, phaseSince: now };
}

/** The first cause stays: a worker that is killed after it was drained for its age goes for its age. */
function leave(
  state: PoolState,
  { worker: id, cause }: { readonly worker: number; readonly cause: LeaveCause },
  phase: Phase,
  now: number,
): PoolState {
  return update(state, id, (worker) => ({
    ...enter(worker, phase, now),
    leaving: worker.leaving ?? cause,
  }));
}

function update(
  state: PoolState,
  id: number,
  change: (worker: WorkerState) => WorkerState,
): PoolState {
  return {
    ...state,
    workers: state.workers.map((worker) => (worker.id === id ? change(worker) : worker)),
  };
}
