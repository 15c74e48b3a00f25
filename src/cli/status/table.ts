/** The status of an instance as a table for people. */

import type {
  PortcullisPool,
  PortcullisStatus,
  PortcullisWorker,
} from '../../metrics/portcullis-status.ts';
import { type Column, describeAge, tableLines, unknown } from './columns.ts';

/** Requests a second by the process id of the worker; where it is not known there is none. */
export type Rates = ReadonlyMap<number, number>;

interface WorkerRow {
  readonly worker: PortcullisWorker;
  /** Requests a second, if it is known. */
  readonly rate: number | undefined;
  readonly now: Date;
}

const columns: readonly Column<WorkerRow>[] = [
  { title: 'WORKER', value: ({ worker }) => String(worker.worker) },
  { title: 'POOL', isText: true, value: ({ worker }) => worker.pool },
  { title: 'STATE', isText: true, value: ({ worker }) => worker.phase },
  { title: 'PID', value: ({ worker }) => String(worker.pid) },
  { title: 'AGE', value: ({ worker, now }) => describeAge(worker.startedAt, now) },
  { title: 'REQUESTS', value: ({ worker }) => String(worker.requests) },
  { title: 'RATE/S', value: ({ rate }) => describeRate(rate) },
  { title: 'BUSY', value: ({ worker }) => `${Math.round(worker.busy * 100)}%` },
  { title: 'AVG MS', value: ({ worker }) => worker.averageMilliseconds.toFixed(1) },
  { title: 'MEMORY', value: ({ worker }) => describeBytes(worker.memoryBytes) },
  { title: 'RESTARTS', value: ({ worker }) => String(Math.max(0, worker.spawns - 1)) },
];

/** The lines of the table, without colors and as long as they are. */
export function statusLines(status: PortcullisStatus, rates: Rates, now: Date): readonly string[] {
  const rows = status.workers.map((worker) => ({ worker, rate: rates.get(worker.pid), now }));
  return [...summaryLines(status, rates, now), '', ...tableLines(columns, rows)];
}

function summaryLines(status: PortcullisStatus, rates: Rates, now: Date): readonly string[] {
  const { version, pid, state, generation, startedAt, requests, reasons, lastRefusal } = status;
  const pools = status.pools.map(({ name, serving, wanted }) => `${name} ${serving}/${wanted}`);
  const storeless = status.pools.filter(({ storeUp }) => storeUp === false);
  const rate = rates.size === 0 ? undefined : [...rates.values()].reduce((sum, one) => sum + one);
  return [
    `Portcullis ${version}, pid ${pid}: ${state}, generation ${generation}, up ${describeAge(startedAt, now)}`,
    ...reasons.map((reason) => `Not ready: ${reason}`),
    `Serving: ${pools.join(', ') || 'no pool'}`,
    ...(storeless.length === 0 ? [] : [`Store: does not answer ${namesOf(storeless)}`]),
    `Requests: ${requests}${rate === undefined ? '' : `, ${describeRate(rate)} a second`}`,
    `Restarts: ${describeCounts(status.restarts)}${describeLastRestart(status, now)}`,
    `Reloads: ${describeCounts(status.reloads)}`,
    ...(lastRefusal === null ? [] : [`The last refused reload: ${lastRefusal}`]),
  ];
}

function namesOf(pools: readonly PortcullisPool[]): string {
  return pools.map(({ name }) => name).join(', ');
}

function describeLastRestart({ lastRestart }: PortcullisStatus, now: Date): string {
  if (lastRestart === null) return '';
  const { worker, cause, at } = lastRestart;
  return `; the last ${describeAge(at, now)} ago, worker ${worker}: ${cause}`;
}

function describeCounts(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.map(([name, count]) => `${count} ${name}`).join(', ') || 'none';
}

function describeRate(rate: number | undefined): string {
  if (rate === undefined) return unknown;
  return rate < 10 ? rate.toFixed(1) : String(Math.round(rate));
}

function describeBytes(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024;
  if (bytes === 0) return unknown;
  return mebibytes < 10_240
    ? `${Math.round(mebibytes)} MiB`
    : `${Math.round(mebibytes / 1024)} GiB`;
}
