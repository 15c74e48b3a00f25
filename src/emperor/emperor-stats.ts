/**
 * The document of uWSGI's emperor, as `uwsgitop` reads it: its names, times in seconds since 1970 and
 * 0 for never. What only Portcullis has stands under `portcullis`.
 */

import type { EmperorStatus } from './emperor.ts';
import type { SeenFile } from './seen-files.ts';
import type { Phase, Vassal } from './vassal.ts';

/** How this process is seen from outside. */
export interface Identity {
  readonly version: string;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly cwd: string;
}

export interface EmperorStats extends Identity {
  /** The directories that are ruled. */
  readonly emperor: readonly string[];
  readonly emperor_tyrant: 0 | 1;
  /** Milliseconds, as uWSGI's. */
  readonly throttle_level: number;
  readonly vassals: readonly VassalStats[];
  /** The vassals that wait because they have ended early. */
  readonly blacklist: readonly BlacklistEntry[];
}

interface VassalStats {
  readonly id: string;
  /** Of its primary; 0 when it does not run. */
  readonly pid: number;
  readonly born: number;
  readonly last_mod: number;
  readonly last_heartbeat: number;
  readonly loyal: 0 | 1;
  readonly ready: 0 | 1;
  readonly accepting: 0 | 1;
  readonly last_loyal: number;
  readonly last_ready: number;
  readonly last_accepting: number;
  readonly first_run: number;
  readonly last_run: number;
  readonly cursed: 0 | 1;
  readonly zerg: 0;
  readonly on_demand: string;
  readonly uid: number;
  readonly gid: number;
  readonly monitor: string;
  readonly respawns: number;
  readonly portcullis: {
    readonly phase: Phase;
    /** Why it does not run, or runs with an older version of its file. */
    readonly reason: string | null;
    readonly addresses: readonly string[];
    readonly reloads: number;
    readonly reloading: boolean;
    /** Early ends in a row. */
    readonly failures: number;
    /** Time until it may be started again. */
    readonly waitSeconds: number;
  };
}

interface BlacklistEntry {
  readonly id: string;
  readonly throttle_level: number;
  readonly attempt: number;
  readonly first_attempt: number;
  readonly last_attempt: number;
}

export function emperorStats(identity: Identity, status: EmperorStatus): EmperorStats {
  const vassals = [...status.vassals.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return {
    ...identity,
    emperor: [status.directory],
    emperor_tyrant: status.isTyrant ? 1 : 0,
    throttle_level: status.settings.throttleSeconds * 1000,
    vassals: vassals.map((vassal) => vassalStats(vassal, identity, status)),
    blacklist: vassals.filter((vassal) => waitMs(vassal, status) > 0).map(blacklistEntry),
  };
}

function vassalStats(vassal: Vassal, { uid, gid }: Identity, status: EmperorStatus): VassalStats {
  const { name, phase, history, owner } = vassal;
  const isServing = phase === 'serving' ? 1 : 0;
  return {
    id: name,
    pid: vassal.pid,
    born: history.born,
    last_mod: writtenSeconds(status.files.get(name)),
    last_heartbeat: 0,
    loyal: isServing,
    ready: isServing,
    accepting: isServing,
    last_loyal: history.lastReady,
    last_ready: history.lastReady,
    last_accepting: history.lastReady,
    first_run: history.firstStart,
    last_run: history.lastStart,
    cursed: phase === 'stopping' ? 1 : 0,
    zerg: 0,
    on_demand: '',
    uid: status.isTyrant ? (owner?.uid ?? 0) : uid,
    gid: status.isTyrant ? (owner?.gid ?? 0) : gid,
    monitor: status.directory,
    respawns: Math.max(0, history.starts - 1),
    portcullis: {
      phase,
      reason: vassal.reason ?? null,
      addresses: vassal.addresses,
      reloads: history.reloads,
      reloading: vassal.reload !== 0,
      failures: vassal.failures,
      waitSeconds: Math.ceil(waitMs(vassal, status) / 1000),
    },
  };
}

function writtenSeconds(file: SeenFile | undefined): number {
  return typeof file?.found === 'object' ? Math.floor(file.found.writtenMs / 1000) : 0;
}

function waitMs({ phase, notBeforeMs }: Vassal, { now }: EmperorStatus): number {
  return phase === 'waiting' ? Math.max(0, notBeforeMs - now.ms) : 0;
}

function blacklistEntry({ name, failures, notBeforeMs, sinceMs, history }: Vassal): BlacklistEntry {
  return {
    id: name,
    throttle_level: Math.round(notBeforeMs - sinceMs),
    attempt: failures,
    first_attempt: history.firstFailure,
    last_attempt: history.lastFailure,
  };
}
