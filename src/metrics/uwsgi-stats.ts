/**
 * The document of uWSGI's stats server, as `uwsgitop` reads it, with what only Portcullis has under
 * one key of its own. It never holds the variables of a request: they carry credentials.
 */

import { describeAddress } from '../listen-address.ts';
import type { ProcessReading, Totals } from './aggregate.ts';
import { noCounters } from './counters.ts';
import { type PortcullisStatus, portcullisStatus } from './portcullis-status.ts';
import type { ListenerStatus, PrimaryStatus, WorkerStatus } from './status.ts';

export interface UwsgiStats {
  readonly version: string;
  readonly listen_queue: number;
  readonly listen_queue_errors: number;
  readonly signal_queue: number;
  readonly load: number;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly cwd: string;
  readonly locks: readonly never[];
  readonly sockets: readonly UwsgiSocket[];
  readonly workers: readonly UwsgiWorker[];
  readonly portcullis: PortcullisStatus;
}

interface UwsgiSocket {
  readonly name: string;
  readonly proto: string;
  readonly queue: number;
  readonly max_queue: number;
  readonly shared: number;
  readonly can_offload: number;
}

interface UwsgiWorker {
  readonly id: number;
  readonly pid: number;
  readonly accepting: 0 | 1;
  /** Over all processes that have had the number; `delta_requests` since the start of this one. */
  readonly requests: number;
  readonly delta_requests: number;
  readonly exceptions: number;
  readonly harakiri_count: number;
  readonly signals: number;
  readonly signal_queue: number;
  readonly status: 'idle' | 'busy' | 'pause';
  /** Bytes. */
  readonly rss: number;
  readonly vsz: number;
  /** Microseconds. */
  readonly running_time: number;
  /** Unix time, seconds. */
  readonly last_spawn: number;
  readonly respawn_count: number;
  /** Bytes. */
  readonly tx: number;
  /** Microseconds. */
  readonly avg_rt: number;
  readonly apps: readonly never[];
  readonly cores: readonly UwsgiCore[];
}

interface UwsgiCore {
  readonly id: number;
  readonly requests: number;
  readonly static_requests: number;
  readonly routed_requests: number;
  readonly offloaded_requests: number;
  readonly write_errors: number;
  readonly read_errors: number;
  readonly in_request: 0 | 1;
  readonly vars: readonly never[];
  readonly req_info: Readonly<Record<string, never>>;
}

export function uwsgiStats(status: PrimaryStatus, totals: Totals): UwsgiStats {
  const { version, pid, uid, gid, cwd, listeners } = status;
  const queue = Math.max(0, ...listeners.map((listener) => listener.queue));
  const workers = Map.groupBy(status.workers, ({ number }) => number);
  return {
    version,
    listen_queue: queue,
    listen_queue_errors: 0,
    signal_queue: 0,
    load: queue,
    pid,
    uid,
    gid,
    cwd,
    locks: [],
    sockets: listeners.map(socketOf),
    workers: [...workers.values()].map((same) => workerOf(same, totals)),
    portcullis: portcullisStatus(status, totals),
  };
}

const protocols: Readonly<Record<string, string>> = { tls: 'https' };

function socketOf({ name, address, queue, queueMax }: ListenerStatus): UwsgiSocket {
  return {
    name: address.type === 'unix' ? address.path : describeAddress(address),
    proto: protocols[name] ?? name,
    queue,
    max_queue: queueMax,
    shared: 0,
    can_offload: 0,
  };
}

/** One row for a number: of two processes the one that serves, else the younger. */
function workerOf(same: readonly WorkerStatus[], totals: Totals): UwsgiWorker {
  const shown = same.find(({ phase }) => phase === 'serving') ?? same.at(-1);
  if (shown === undefined) throw new Error('a group of workers is never empty');
  const { number, pid, phase, startedAt, spawns } = shown;
  const counters = totals.workers.get(number) ?? noCounters;
  const process = totals.processes.get(pid);
  const isServing = phase === 'serving' || phase === 'asked';
  const inRequest = (process?.gauges.requestsInFlight ?? 0) > 0 ? 1 : 0;
  return {
    id: number,
    pid,
    accepting: isServing ? 1 : 0,
    requests: counters.requests,
    delta_requests: process?.counters.requests ?? 0,
    exceptions: counters.exceptions,
    harakiri_count: counters.overdue,
    signals: 0,
    signal_queue: 0,
    status: statusOf(isServing, inRequest),
    rss: process?.gauges.rssBytes ?? 0,
    vsz: 0,
    running_time: Math.round(counters.runningMicroseconds),
    last_spawn: Math.floor(startedAt.getTime() / 1000),
    respawn_count: spawns,
    tx: counters.bytesSent,
    avg_rt: Math.round(process?.gauges.averageMicroseconds ?? 0),
    apps: [],
    cores: [coreOf(process, inRequest)],
  };
}

function statusOf(isServing: boolean, inRequest: 0 | 1): UwsgiWorker['status'] {
  if (!isServing) return 'pause';
  return inRequest === 1 ? 'busy' : 'idle';
}

function coreOf(process: ProcessReading | undefined, inRequest: 0 | 1): UwsgiCore {
  return {
    id: 0,
    requests: process?.counters.requests ?? 0,
    static_requests: 0,
    routed_requests: 0,
    offloaded_requests: 0,
    write_errors: 0,
    read_errors: 0,
    in_request: inRequest,
    vars: [],
    req_info: {},
  };
}
