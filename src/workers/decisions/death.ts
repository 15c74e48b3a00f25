/** What the end of a worker's process means for its slot, its pool and a reload. */

import { backOffMs } from './back-off.ts';
import type { LeaveCause, PoolState, SlotState, SpawnCause, WorkerState } from './pool-state.ts';
import { isIn } from './pool-state.ts';
import { settleSlots } from './slots.ts';
import type { Timing } from './timing.ts';

/** @param how for people, as `exit code 1` */
export function bury(
  state: PoolState,
  id: number,
  how: string,
  now: number,
  timing: Timing,
): PoolState {
  const worker = state.workers.find((one) => one.id === id);
  if (worker === undefined) return state;
  const buried: PoolState = {
    ...state,
    workers: state.workers.filter((one) => one.id !== id),
    slots: state.slots.map((slot) =>
      isIn(slot, worker) ? slotAfter(slot, worker, now, timing) : slot,
    ),
  };
  return settleSlots(
    hasFailedToBoot(worker) ? countBootDeath(buried, worker, how) : buried,
    'added',
  );
}

/** Why the worker ended. One that was about to leave did so, whatever ended it then. */
export function causeOfEnd(worker: WorkerState): LeaveCause {
  return worker.leaving ?? (worker.readyAt === undefined ? 'boot-failed' : 'died');
}

/** Ends that were not chosen, or chosen because nothing else was left. */
const faults: ReadonlySet<LeaveCause> = new Set<LeaveCause>([
  'died',
  'boot-failed',
  'boot-time',
  'stuck',
  'memory-max',
]);

export function isFault(cause: LeaveCause): boolean {
  return faults.has(cause);
}

function slotAfter(
  slot: SlotState,
  worker: WorkerState,
  now: number,
  { earlyDeathMs }: Timing,
): SlotState {
  const cause = causeOfEnd(worker);
  const next = { ...slot, cause: spawnCauseAfter(cause) };
  const wasLate = worker.readyAt !== undefined && now - worker.readyAt >= earlyDeathMs;
  if (wasLate) return { ...next, earlyDeaths: 0, notBefore: now };
  if (!isFault(cause)) return next;
  const earlyDeaths = slot.earlyDeaths + 1;
  const wait = backOffMs(worker.supervision, earlyDeaths, worker.readyAt !== undefined);
  return { ...next, earlyDeaths, notBefore: now + wait };
}

/** A place that was given up, and is wanted again, is a new one. */
function spawnCauseAfter(cause: LeaveCause): SpawnCause {
  return cause === 'removed' || cause === 'stopped' ? 'added' : cause;
}

function hasFailedToBoot(worker: WorkerState): boolean {
  return worker.readyAt === undefined && isFault(causeOfEnd(worker));
}

function countBootDeath(state: PoolState, worker: WorkerState, how: string): PoolState {
  const reason = worker.failure?.reason ?? describeBootDeath(worker, how);
  const failure = { reason, exitCode: worker.failure?.exitCode };
  const { reload } = state;
  if (reload !== undefined && reload.generation === worker.generation) {
    return { ...state, reload: { ...reload, failure: reload.failure ?? reason } };
  }
  if (state.served.has(worker.pool)) return { ...state, lastFailure: failure };
  // One that could say why it cannot start would say the same the next time.
  const counted = worker.failure === undefined ? 1 : worker.supervision.bootAttemptsMax;
  const deaths = (state.bootDeaths.get(worker.pool) ?? 0) + counted;
  return {
    ...state,
    bootDeaths: new Map(state.bootDeaths).set(worker.pool, deaths),
    lastFailure: failure,
  };
}

function describeBootDeath({ leaving, supervision }: WorkerState, how: string): string {
  if (leaving === 'boot-time') return `It was not ready within ${supervision.bootSeconds} seconds`;
  return `It ended before it was ready: ${how}`;
}
