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

const connections = 32;

/** @throws when a request was not answered with 200: a fast refusal is no result */
export async function measure(peer: Peer, seconds: number): Promise<Measurement> {
  await load(peer.url, 1);
  const before = peer.pid === undefined ? 0 : cpuMicroseconds(peer.pid);
  const { requests, perSecond } = await load(peer.url, seconds);
  const spent = peer.pid === undefined ? undefined : cpuMicroseconds(peer.pid) - before;
  return {
    requestsPerSecond: perSecond,
    cpuMicroseconds: spent === undefined ? undefined : spent / requests,
  };
}

async function load(
  url: string,
  seconds: number,
): Promise<{ requests: number; perSecond: number }> {
  const args = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, url];
  const text = (await runOk('wrk', args, { timeoutMs: seconds * 1000 + 30_000 })).toString();
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(`${url} did not answer well:\n${text}`);
  const requests = Number(/(\d+) requests in/.exec(text)?.[1]);
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]);
  return { requests, perSecond };
}

/** utime and stime of proc(5), all threads of the process; a tick is 10 ms on Linux. */
function cpuMicroseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
