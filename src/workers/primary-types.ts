/** What the primary needs, and what it offers. */

import type { Logger } from '../log.ts';
import type { Phase, RestartCause } from './decisions/pool-state.ts';
import type { Timing } from './decisions/timing.ts';
import type { WorkerReport } from './messages.ts';
import type { InstancePlan } from './plan.ts';
import type { SocketSet } from './socket-set.ts';

export interface PrimaryParts {
  /** How a worker is started. */
  readonly program: WorkerProgram;
  /** Those of the first plan are open already. The primary closes them as it begins to stop. */
  readonly sockets: SocketSet;
  readonly log: Logger;
  /** Called once for each worker that has ended and had reported, so that no count is lost. */
  readonly onWorkerEnded?: (report: WorkerReport, worker: WorkerView) => void;
  /** Milliseconds that never go back; performance.now unless a test says otherwise. */
  readonly now?: () => number;
  /** From 0 to below 1; Math.random unless a test says otherwise. */
  readonly random?: () => number;
  /** The fixed times of the pool; a test may shorten them. */
  readonly timing?: Timing;
}

/** The environment has to be free of what belongs to the primary alone, as `NOTIFY_SOCKET`. */
export interface WorkerProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Primary {
  /** True once every pool has a worker that serves, or cannot have one; false if it ended before. */
  readonly ready: Promise<boolean>;
  /** The plan that runs, with the workers that were added or removed since. */
  readonly plan: InstancePlan;
  /** Resolves when all workers have ended. */
  readonly done: Promise<PrimaryEnd>;
  /**
   * Replaces the workers one at a time by those of a new plan. While one reload runs, the newest of
   * those that were asked for waits; the others are superseded.
   *
   * @param load makes the plan when it is this reload's turn; what it throws refuses the reload
   */
  reload(load: () => InstancePlan | Promise<InstancePlan>): Promise<ReloadOutcome>;
  /** Refuses new connections, lets running requests end, then ends. */
  drain(): void;
  /** Ends all workers within {@link Timing.dismissMs}. */
  interrupt(): void;
  /** One worker more in the first pool, until the next reload; an answer says why not. */
  addWorker(): Promise<ResizeOutcome>;
  /** One worker fewer in the first pool, never the last. */
  removeWorker(): Promise<ResizeOutcome>;
  /** Tells every worker that the log file was moved away. */
  reopenLogs(): void;
  view(): PrimaryView;
}

export type PrimaryEnd =
  | { readonly cause: 'drained' }
  | { readonly cause: 'interrupted' }
  /** No worker ever served. `exitCode` is what the last one said that the start should exit with. */
  | {
      readonly cause: 'cannot-start';
      readonly reason: string;
      readonly exitCode: number | undefined;
    };

export type ReloadOutcome =
  | { readonly outcome: 'done' }
  /** The old generation serves on. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** A newer reload took its place before it began. */
  | { readonly outcome: 'superseded' };

export type ResizeOutcome =
  | { readonly outcome: 'done'; readonly workers: number }
  | { readonly outcome: 'refused'; readonly reason: string };

export interface PrimaryView {
  readonly state: 'starting' | 'serving' | 'reloading' | 'stopping';
  /** Counts the reloads that were begun, from 1. */
  readonly generation: number;
  readonly pools: readonly PoolView[];
  /** By number; a slot between two workers has none, one whose worker is being replaced has two. */
  readonly workers: readonly WorkerView[];
  /** Workers that were started in place of another since the start, by what ended the other. */
  readonly restarts: Readonly<Record<RestartCause, number>>;
  readonly lastRestart: RestartView | undefined;
  readonly reloads: Readonly<Record<ReloadOutcome['outcome'], number>>;
  /** Why the last refused reload was refused. */
  readonly lastRefusal: string | undefined;
}

export interface PoolView {
  readonly name: string;
  /** How many workers it should have. */
  readonly wanted: number;
  /** How many take requests. */
  readonly serving: number;
}

export interface WorkerView {
  /** Over all pools, from 1; a successor has the number of the worker it follows. */
  readonly number: number;
  readonly pool: string;
  readonly slot: number;
  readonly generation: number;
  /** 0 when the process could not be made. */
  readonly pid: number;
  readonly phase: Phase;
  readonly startedAt: Date;
  /** How many processes have had this number, this one included. */
  readonly spawns: number;
  readonly addresses: readonly string[];
  /** The last one; undefined before the first. */
  readonly report: WorkerReport | undefined;
}

export interface RestartView {
  readonly worker: number;
  readonly cause: RestartCause;
  readonly at: Date;
}
