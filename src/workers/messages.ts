/**
 * What the primary and a worker say to each other over the channel of node:child_process, as JSON:
 * no message holds what JSON cannot say.
 */

import type { ListenAddress } from '../listen-address.ts';

/** The first message: what this worker is. */
export interface StartMessage {
  readonly type: 'start';
  /** Its number, from 1 over all pools; a successor has the number of the worker it follows. */
  readonly worker: number;
  readonly pool: string;
  readonly sockets: readonly InheritedSocket[];
  readonly heartbeatSeconds: number;
  /** Silence after which the primary will count it as stuck. */
  readonly silenceSeconds: number;
  readonly primary: number;
  /** As in the plan. */
  readonly payload: unknown;
}

/** A bound socket that the worker listens on by its descriptor. */
export interface InheritedSocket {
  /** As `uwsgi`. */
  readonly listener: string;
  readonly descriptor: number;
  readonly address: ListenAddress;
}

export type ToWorker =
  | StartMessage
  /** Take no new connections, let running requests end, then end yourself. */
  | { readonly type: 'drain' }
  /** The log file was moved away. */
  | { readonly type: 'reopen-log' }
  /** Are you there? The answer is a heartbeat. */
  | { readonly type: 'answer' };

export type FromWorker =
  /** `version` is that of its code, which may be newer than the primary's. */
  | { readonly type: 'ready'; readonly addresses: readonly string[]; readonly version: string }
  /** It cannot start, and why; it ends by itself. `exitCode` is what the whole start would exit with. */
  | { readonly type: 'failed'; readonly reason: string; readonly exitCode: number }
  | { readonly type: 'heartbeat'; readonly report: WorkerReport };

/** What a worker says of itself; counters begin with the process. */
export interface WorkerReport {
  readonly requests: number;
  /** Requests that ended with a fault of ours: 500, 503, 504. */
  readonly exceptions: number;
  /** Requests that were ended for their time limit. */
  readonly overdue: number;
  readonly requestsInFlight: number;
  /** The request that has waited longest for its response to begin. */
  readonly oldestRequest:
    | { readonly method: string; readonly path: string; readonly milliseconds: number }
    | undefined;
  readonly connections: number;
  readonly bytesSent: number;
  /** Time from arrival to end, summed over all requests, microseconds. */
  readonly runningMicroseconds: number;
  /** uWSGI's: the mean of the last value and the one before, microseconds. */
  readonly averageMicroseconds: number;
  /** Resident memory, bytes. */
  readonly rssBytes: number;
  /** Metrics of the worker for the monitor; the pool never looks into them. */
  readonly metrics: unknown;
}
