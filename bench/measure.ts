/** One measurement: wrk against a URL, and the CPU time that a process spent meanwhile. */

import { readFileSync } from 'node:fs';
import { runOk } from '../test/support/processes.ts';

export interface Peer {
  readonly name: string;
  readonly url: string;
  /** The process behind nginx; undefined where there is none. */
  readonly pid: number | undefined;
}

export interface Measurement {
  readonly requestsPerSecond: number;
  /** CPU time of the process for each request; undefined where there is no process. */
  readonly cpuMicroseconds: number | undefined;
}

export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** A script of wrk. */
  readonly script?: string;
}

export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const connections = 32;

/** @throws when a request was not answered with 200: a fast refusal is no result */
export async function measure({ url, pid }: Peer, seconds: number): Promise<Measurement> {
  await load({ url, connections, seconds: 1 });
  const before = pid === undefined ? 0 : cpuMicroseconds(pid);
  const { requests, requestsPerSecond } = await load({ url, connections, seconds });
  const spent = pid === undefined ? undefined : cpuMicroseconds(pid) - before;
  return {
    requestsPerSecond,
    cpuMicroseconds: spent === undefined ? undefined : spent / requests,
  };
}

/** @throws as {@link measure} */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const { url, seconds, script } = options;
  const args = [
    ...['-t', '1', '-c', String(options.connections), '-d', `${seconds}s`, '--latency'],
    ...(script === undefined ? [] : ['--script', script]),
    url,
  ];
  const text = (await runOk('wrk', args, { timeoutMs: seconds * 1000 + 30_000 })).toString();
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(`${url} did not answer well:\n${text}`);
  return {
    requests: Number(/(\d+) requests in/.exec(text)?.[1]),
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    p50: percentile(text, 50),
    p99: percentile(text, 99),
  };
}

const milliseconds: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };

function percentile(text: string, percent: number): number {
  const [, value, unit] = new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`).exec(text) ?? [];
  return Number(value) * (milliseconds[unit ?? ''] ?? Number.NaN);
}

/** utime and stime of proc(5), all threads of the process; a tick is 10 ms on Linux. */
export function cpuMicroseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
