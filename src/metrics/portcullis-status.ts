/** What `portcullis status` shows and `--json` prints: fields are added, never renamed. */

import type { Totals } from './aggregate.ts';
import { noCounters } from './counters.ts';
import { readinessOf } from './health.ts';
import type { PoolStatus, PrimaryStatus, WorkerPhase, WorkerStatus } from './status.ts';
import { storesUp } from './store-health.ts';

/** Times are Unix times in seconds. */
export interface PortcullisStatus {
  readonly schema: 1;
  readonly version: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly state: PrimaryStatus['state'];
  /** Whether every pool can take requests; `reasons` says why not. */
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly generation: number;
  /** Of all workers that ever were. */
  readonly requests: number;
  readonly pools: readonly PortcullisPool[];
  readonly workers: readonly PortcullisWorker[];
  readonly restarts: Readonly<Record<string, number>>;
  readonly lastRestart: PortcullisRestart | null;
  readonly reloads: Readonly<Record<string, number>>;
  readonly lastRefusal: string | null;
}

export interface PortcullisPool extends PoolStatus {
  /** Whether the store answers all of its workers; null where none uses it, or has asked it yet. */
  readonly storeUp: boolean | null;
}

/** A process; counts begin with it. */
export interface PortcullisWorker {
  readonly worker: number;
  readonly pool: string;
  readonly pid: number;
  readonly phase: WorkerPhase;
  readonly generation: number;
  readonly startedAt: number;
  readonly spawns: number;
  readonly requests: number;
  readonly exceptions: number;
  readonly requestsInFlight: number;
  readonly connections: number;
  /** Share of the last heartbeat in which its event loop had work, 0 to 1. */
  readonly busy: number;
  /** As `avg_rt` of uWSGI: recent requests weigh most. */
  readonly averageMilliseconds: number;
  readonly memoryBytes: number;
}

export interface PortcullisRestart {
  readonly worker: number;
  readonly cause: string;
  readonly at: number;
}

export function portcullisStatus(status: PrimaryStatus, totals: Totals): PortcullisStatus {
  const { version, pid, state, generation, restarts, reloads, lastRestart } = status;
  const { ok: ready, reasons } = readinessOf(status);
  const stores = storesUp(totals);
  return {
    schema: 1,
    ...{ version, pid, startedAt: unixTime(status.startedAt), state, ready, reasons, generation },
    requests: [...totals.pools.values()].reduce((sum, { requests }) => sum + requests, 0),
    pools: status.pools.map(({ name, wanted, serving }) => {
      return { name, wanted, serving, storeUp: stores.get(name) ?? null };
    }),
    workers: status.workers.map((worker) => workerOf(worker, totals)),
    restarts,
    lastRestart:
      lastRestart === undefined
        ? null
        : {
            worker: lastRestart.worker,
            cause: lastRestart.cause,
            at: unixTime(lastRestart.at),
          },
    reloads,
    lastRefusal: status.lastRefusal ?? null,
  };
}

function workerOf(worker: WorkerStatus, totals: Totals): PortcullisWorker {
  const { number, pool, pid, phase, generation, startedAt, spawns } = worker;
  const process = totals.processes.get(pid);
  const { requests, exceptions } = process?.counters ?? noCounters;
  return {
    ...{ worker: number, pool, pid, phase, generation, startedAt: unixTime(startedAt), spawns },
    requests,
    exceptions,
    requestsInFlight: process?.gauges.requestsInFlight ?? 0,
    connections: process?.gauges.connections ?? 0,
    busy: process?.gauges.eventLoopUtilization ?? 0,
    averageMilliseconds: (process?.gauges.averageMicroseconds ?? 0) / 1000,
    memoryBytes: process?.gauges.rssBytes ?? 0,
  };
}

function unixTime(date: Date): number {
  return date.getTime() / 1000;
}
