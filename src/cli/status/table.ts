/** A status as a table for people. */

import type { PortcullisStatus, PortcullisWorker } from '../../metrics/portcullis-status.ts';

/** Requests a second by the process id of the worker; where it is not known there is none. */
export type Rates = ReadonlyMap<number, number>;

interface Column {
  readonly title: string;
  readonly isText?: true;
  /** @param rate requests a second, if it is known */
  readonly value: (worker: PortcullisWorker, rate: number | undefined, now: Date) => string;
}

const unknown = '-';

const columns: readonly Column[] = [
  { title: 'WORKER', value: ({ worker }) => String(worker) },
  { title: 'POOL', isText: true, value: ({ pool }) => pool },
  { title: 'STATE', isText: true, value: ({ phase }) => phase },
  { title: 'PID', value: ({ pid }) => String(pid) },
  { title: 'AGE', value: ({ startedAt }, _rate, now) => describeAge(startedAt, now) },
  { title: 'REQUESTS', value: ({ requests }) => String(requests) },
  { title: 'RATE/S', value: (_worker, rate) => describeRate(rate) },
  { title: 'BUSY', value: ({ busy }) => `${Math.round(busy * 100)}%` },
  { title: 'AVG MS', value: (worker) => worker.averageMilliseconds.toFixed(1) },
  { title: 'MEMORY', value: ({ memoryBytes }) => describeBytes(memoryBytes) },
  { title: 'RESTARTS', value: ({ spawns }) => String(Math.max(0, spawns - 1)) },
];

/** The lines of the table, without colors and as long as they are. */
export function statusLines(status: PortcullisStatus, rates: Rates, now: Date): readonly string[] {
  const rows = status.workers.map((worker) =>
    columns.map(({ value }) => value(worker, rates.get(worker.pid), now)),
  );
  return [...summaryLines(status, rates, now), '', ...aligned(rows)];
}

function summaryLines(status: PortcullisStatus, rates: Rates, now: Date): readonly string[] {
  const { version, pid, state, generation, startedAt, requests, reasons, lastRefusal } = status;
  const pools = status.pools.map(({ name, serving, wanted }) => `${name} ${serving}/${wanted}`);
  const rate = rates.size === 0 ? undefined : [...rates.values()].reduce((sum, one) => sum + one);
  return [
    `Portcullis ${version}, pid ${pid}: ${state}, generation ${generation}, up ${describeAge(startedAt, now)}`,
    ...reasons.map((reason) => `Not ready: ${reason}`),
    `Serving: ${pools.join(', ') || 'no pool'}`,
    `Requests: ${requests}${rate === undefined ? '' : `, ${describeRate(rate)} a second`}`,
    `Restarts: ${describeCounts(status.restarts)}${describeLastRestart(status, now)}`,
    `Reloads: ${describeCounts(status.reloads)}`,
    ...(lastRefusal === null ? [] : [`The last refused reload: ${lastRefusal}`]),
  ];
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

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const table = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) =>
    Math.max(...table.map((row) => row[index]?.length ?? 0)),
  );
  return table.map((row) =>
    row
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return columns[index]?.isText ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

function describeRate(rate: number | undefined): string {
  if (rate === undefined) return unknown;
  return rate < 10 ? rate.toFixed(1) : String(Math.round(rate));
}

/** @param at Unix time, seconds */
function describeAge(at: number, now: Date): string {
  if (at === 0) return unknown;
  const seconds = Math.max(0, Math.floor(now.getTime() / 1000 - at));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

function describeBytes(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024;
  if (bytes === 0) return unknown;
  return mebibytes < 10_240
    ? `${Math.round(mebibytes)} MiB`
    : `${Math.round(mebibytes / 1024)} GiB`;
}
