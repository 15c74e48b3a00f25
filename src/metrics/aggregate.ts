/** The counts of all workers, the dead ones included, and the gauges of the living. */

import { addCounters, type Counters, highestCounters, noCounters } from './counters.ts';
import { type ReportGauges, readReport } from './report.ts';
import type { WorkerStatus } from './status.ts';

type Process = Pick<WorkerStatus, 'number' | 'pool' | 'pid' | 'report'>;

export interface Aggregate {
  /** A worker's process has ended, and `report` was its last: what it counted stays counted. */
  retire(worker: Process): void;
  /** @param workers those that live */
  totals(workers: readonly Process[]): Totals;
}

export interface Totals {
  /** By pool; pools that never had a report are not there. */
  readonly pools: ReadonlyMap<string, Counters>;
  /** By the number of the worker, over all processes that have had it. */
  readonly workers: ReadonlyMap<number, Counters>;
  /** By process, since its start. */
  readonly processes: ReadonlyMap<number, ProcessReading>;
}

export interface ProcessReading {
  readonly pool: string;
  readonly number: number;
  readonly counters: Counters;
  readonly gauges: ReportGauges;
}

export function createAggregate(): Aggregate {
  const ended = { pools: new Map<string, Counters>(), workers: new Map<number, Counters>() };
  /** What each process that has not been retired said last. */
  const known = new Map<number, ProcessReading>();
  const read = ({ number, pool, pid, report }: Process): ProcessReading => {
    const { counters, gauges } = readReport(report);
    const before = known.get(pid)?.counters ?? noCounters;
    return { number, pool, gauges, counters: highestCounters(before, counters) };
  };
  return {
    retire: (worker) => {
      addTo(ended, read(worker));
      known.delete(worker.pid);
    },
    totals: (workers) => {
      const reporting = workers.filter(({ report }) => report !== undefined);
      const processes = new Map(reporting.map((worker) => [worker.pid, read(worker)]));
      for (const [pid, reading] of processes) known.set(pid, reading);
      const sums = { pools: new Map(ended.pools), workers: new Map(ended.workers) };
      for (const reading of known.values()) addTo(sums, reading);
      return { ...sums, processes };
    },
  };
}

interface Sums {
  readonly pools: Map<string, Counters>;
  readonly workers: Map<number, Counters>;
}

function addTo({ pools, workers }: Sums, { pool, number, counters }: ProcessReading): void {
  pools.set(pool, addCounters(pools.get(pool) ?? noCounters, counters));
  workers.set(number, addCounters(workers.get(number) ?? noCounters, counters));
}
