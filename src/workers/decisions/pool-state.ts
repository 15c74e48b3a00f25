/** What the primary knows of its workers: plain data, changed by transitions.ts alone. */

import type { WorkerReport } from '../messages.ts';
import type { InstancePlan, Supervision } from '../plan.ts';
import type { RecycleLimits } from './recycle.ts';

/** policy.ts has the table of what each one means and how it ends. */
export type Phase =
  | 'starting'
  | 'serving'
  | 'asked'
  | 'draining'
  | 'dismissed'
  | 'aborted'
  | 'killed';

export const restartCauses = [
  /** It ended by itself, or by somebody else's hand, after it had served. */
  'died',
  /** It ended before it was ready. */
  'boot-failed',
  /** It was not ready in time. */
  'boot-time',
  /** It was silent, and did not answer. */
  'stuck',
  /** A request went on beyond its time limit. */
  'overdue',
  /** Its memory was over the limit at which it is killed. */
  'memory-max',
  'requests',
  'age',
  'memory',
  'reload',
  /** It belongs to a reload that failed. */
  'rollback',
] as const;

export type RestartCause = (typeof restartCauses)[number];

/** Why a worker has to go, or went. */
export type LeaveCause = RestartCause | 'removed' | 'stopped';

/** Why a worker is started. */
export type SpawnCause = RestartCause | 'start' | 'added';

/** Times are monotonic milliseconds. */
export interface WorkerState {
  /** Of the process: from 1, never used again. */
  readonly id: number;
  readonly pool: string;
  readonly slot: number;
  readonly generation: number;
  /** Of the plan it was started with. */
  readonly supervision: Supervision;
  readonly limits: RecycleLimits;
  readonly phase: Phase;
  readonly phaseSince: number;
  /** Undefined until it is ready. */
  readonly readyAt: number | undefined;
  readonly lastHeard: number;
  readonly report: WorkerReport | undefined;
  /** What it said before it ended by itself. */
  readonly failure: Failure | undefined;
  /** Set when it is to go; it may serve on until its successor does. */
  readonly leaving: LeaveCause | undefined;
}

export interface Failure {
  readonly reason: string;
  readonly exitCode: number | undefined;
}

/** A place for one worker. It outlives the workers in it. */
export interface SlotState {
  readonly pool: string;
  /** From 1 in its pool. */
  readonly slot: number;
  /** From 1 over all pools. */
  readonly number: number;
  readonly spawns: number;
  /** Early deaths in a row. */
  readonly earlyDeaths: number;
  /** When the next worker may be started. */
  readonly notBefore: number;
  /** What the next start is due to. */
  readonly cause: SpawnCause;
}

export interface ReloadState {
  readonly plan: InstancePlan;
  readonly generation: number;
  /** Whether a worker of it has served. */
  readonly isProven: boolean;
  /** Why it cannot go on. */
  readonly failure: string | undefined;
}

export interface PoolState {
  readonly plan: InstancePlan;
  readonly generation: number;
  readonly reload: ReloadState | undefined;
  readonly stop: 'drain' | 'interrupt' | undefined;
  readonly slots: readonly SlotState[];
  /** In the order of their ids. */
  readonly workers: readonly WorkerState[];
  /** Of processes, and of generations, that ever were. */
  readonly births: number;
  readonly generations: number;
  /** Pools that have served. */
  readonly served: ReadonlySet<string>;
  /** Deaths in a row in pools that never served. */
  readonly bootDeaths: ReadonlyMap<string, number>;
  readonly lastFailure: Failure | undefined;
}

/** Whether it serves or will, and was not told to end. */
export function isStanding({ phase }: WorkerState): boolean {
  return phase === 'starting' || phase === 'serving' || phase === 'asked';
}

export function workersOf(state: PoolState, place: Place): readonly WorkerState[] {
  return state.workers.filter((worker) => isIn(worker, place));
}

/** The worker that is to keep the slot. */
export function headOf(state: PoolState, place: Place): WorkerState | undefined {
  return state.workers.findLast(
    (worker) => isIn(worker, place) && isStanding(worker) && worker.leaving === undefined,
  );
}

export interface Place {
  readonly pool: string;
  readonly slot: number;
}

export function isIn(worker: Place, { pool, slot }: Place): boolean {
  return worker.slot === slot && worker.pool === pool;
}

export function isInPlan(plan: InstancePlan, { pool, slot }: Place): boolean {
  return plan.pools.some(({ name, workers }) => name === pool && slot <= workers);
}

/** All places of a plan, in its order. */
export function placesOf(plan: InstancePlan): readonly Place[] {
  return plan.pools.flatMap(({ name, workers }) =>
    Array.from({ length: workers }, (_, index) => ({ pool: name, slot: index + 1 })),
  );
}
