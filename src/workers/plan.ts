/** What the primary is to run, as plain data: pools of workers, their sockets, and when to step in. */

import type { ListenAddress } from '../listen-address.ts';

export interface InstancePlan {
  /** At least one; each name once. */
  readonly pools: readonly PoolPlan[];
  readonly supervision: Supervision;
  /** What every worker is started with, beside its own part. The primary never looks into it. */
  readonly payload: unknown;
}

export interface PoolPlan {
  readonly name: string;
  /** At least 1. */
  readonly workers: number;
  readonly listeners: readonly ListenerPlan[];
  /** What Node itself is told, beside what all workers are. */
  readonly nodeArguments?: readonly string[];
}

/** The user and group by number; undefined leaves it as it is. */
export interface Owner {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** Whoever makes it has it. */
export const sameOwner: Owner = { uid: undefined, gid: undefined };

export interface ListenerPlan {
  /** Which of the pool's listeners it is, as `uwsgi`. */
  readonly name: string;
  /** The shared socket, or what the addresses of the workers' own are made from. */
  readonly address: ListenAddress;
  /** Whether all workers of the pool accept from one socket, or each has its own. */
  readonly sockets: 'shared' | 'worker';
  /** Permission bits of a unix socket. */
  readonly mode: number;
  readonly owner: Owner;
}

/** When the primary steps in. Times are seconds; 0 as the limit of a recycling means never. */
export interface Supervision {
  /** How often a worker reports. */
  readonly heartbeatSeconds: number;
  /** Silence after which a worker counts as stuck and is asked to answer. */
  readonly silenceSeconds: number;
  /** Time for an answer, after which it is aborted (SIGABRT). */
  readonly answerSeconds: number;
  /** Time to end after that, after which it is killed (SIGKILL). */
  readonly abortSeconds: number;
  /** Time from a worker's start until it serves. */
  readonly bootSeconds: number;
  /** Time that running requests get when a worker is to end; it is killed a little later. */
  readonly drainSeconds: number;
  /** Time a request may take until its response begins; a worker that goes on is replaced. */
  readonly requestSeconds: number;
  /** The wait before a worker that has died early is replaced; doubled at each early death. */
  readonly backOffSeconds: number;
  readonly backOffSecondsMax: number;
  /**
   * Deaths in a row before anything ever served, after which the start has failed. It has failed at
   * the first one when the worker said why it cannot start.
   */
  readonly bootAttemptsMax: number;
  readonly recycle: {
    readonly requests: number;
    readonly ageSeconds: number;
    readonly memoryBytes: number;
    /** Share of each limit, 0 to 1, by which it differs at random from worker to worker. */
    readonly jitter: number;
  };
  /** Memory at which a worker is killed without waiting for its requests; 0: never. */
  readonly memoryBytesMax: number;
}
