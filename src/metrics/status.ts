/** What the primary says of itself and its workers, as plain values; the composition makes it. */

import type { ListenAddress } from '../listen-address.ts';

export interface PrimaryStatus {
  /** Of Portcullis. */
  readonly version: string;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly cwd: string;
  readonly startedAt: Date;
  /** Resident memory of the primary, bytes. */
  readonly rssBytes: number;
  /** Lines that the primary's own log has lost since its start. */
  readonly logLinesLost: number;
  readonly state: 'starting' | 'serving' | 'reloading' | 'stopping';
  readonly generation: number;
  readonly pools: readonly PoolStatus[];
  /** Two with one number while one replaces the other. */
  readonly workers: readonly WorkerStatus[];
  /** Workers that were started in place of another, by what ended the other. */
  readonly restarts: Readonly<Record<string, number>>;
  readonly lastRestart: RestartStatus | undefined;
  /** By outcome. */
  readonly reloads: Readonly<Record<string, number>>;
  /** Why the last refused reload was refused. */
  readonly lastRefusal: string | undefined;
  readonly listeners: readonly ListenerStatus[];
}

export interface PoolStatus {
  readonly name: string;
  readonly wanted: number;
  readonly serving: number;
}

export const workerPhases = [
  'starting',
  'serving',
  'asked',
  'draining',
  'dismissed',
  'aborted',
  'killed',
] as const;
export type WorkerPhase = (typeof workerPhases)[number];

export interface WorkerStatus {
  /** Over all pools, from 1. */
  readonly number: number;
  readonly pool: string;
  /** 0 where the process could not be made. */
  readonly pid: number;
  readonly generation: number;
  readonly phase: WorkerPhase;
  readonly startedAt: Date;
  /** How many processes have had this number, this one included. */
  readonly spawns: number;
  /** The last one, as it came from the worker; undefined before the first. */
  readonly report: unknown;
}

export interface RestartStatus {
  readonly worker: number;
  readonly cause: string;
  readonly at: Date;
}

export interface ListenerStatus {
  readonly pool: string;
  /** As `uwsgi`. */
  readonly name: string;
  readonly address: ListenAddress;
  /** Connections that wait to be accepted, as `listenQueues` reads it. */
  readonly queue: number;
  /** How many may wait. */
  readonly queueMax: number;
}
