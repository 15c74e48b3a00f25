/** What each event makes of a vassal. Pure functions. */

import type { FileFacts } from './file-facts.ts';
import type { EmperorSettings } from './settings.ts';
import { isRunning, type Moment, type Urgency, type Vassal } from './vassal.ts';

/** @param facts of the file that its text was read from */
export function started(
  vassal: Vassal,
  now: Moment,
  facts: FileFacts,
  pid: number,
  { startSeconds, stopSecondsMax }: EmperorSettings,
): Vassal {
  const { history } = vassal;
  return {
    ...vassal,
    phase: 'starting',
    sinceMs: now.ms,
    asked: undefined,
    fault: undefined,
    limitMs: now.ms + startSeconds * 1000,
    triedStamp: facts.stamp,
    owner: { uid: facts.uid, gid: facts.gid },
    pid,
    addresses: [],
    // Until it says better, it gets what anybody gets.
    stopSeconds: stopSecondsMax,
    reload: 0,
    history: {
      ...history,
      firstStart: history.firstStart || now.wallSeconds,
      lastStart: now.wallSeconds,
      starts: history.starts + 1,
    },
  };
}

export function served(
  vassal: Vassal,
  now: Moment,
  addresses: readonly string[],
  stopSeconds: number,
): Vassal {
  if (vassal.phase !== 'starting') return vassal;
  return {
    ...vassal,
    phase: 'serving',
    sinceMs: now.ms,
    limitMs: Number.POSITIVE_INFINITY,
    // What was said of the start before stands until one succeeds.
    reason: undefined,
    addresses,
    stopSeconds,
    history: { ...vassal.history, lastReady: now.wallSeconds },
  };
}

export function askedToReload(vassal: Vassal, stamp: string, reload: number): Vassal {
  return { ...vassal, triedStamp: stamp, reload };
}

/** Only the answer to the newest reload counts. */
export function reloadAnswered(vassal: Vassal, id: number, reason: string | undefined): Vassal {
  if (vassal.reload !== id) return vassal;
  const { history } = vassal;
  const reloads = history.reloads + (reason === undefined ? 1 : 0);
  return { ...vassal, reload: 0, reason, history: { ...history, reloads } };
}

export interface Asked {
  readonly urgency: Urgency;
  /** Time for it. */
  readonly seconds: number;
  readonly why: string;
  /** Whether the reason lies with the vassal. */
  readonly isFault: boolean;
}

/** It was asked to end. A fault stays one, however it is asked later. */
export function asked(
  vassal: Vassal,
  now: Moment,
  { urgency, seconds, why, isFault }: Asked,
): Vassal {
  return {
    ...vassal,
    phase: 'stopping',
    sinceMs: vassal.phase === 'stopping' ? vassal.sinceMs : now.ms,
    asked: urgency,
    fault: vassal.fault ?? (isFault ? why : undefined),
    limitMs: now.ms + seconds * 1000,
    reload: 0,
  };
}

/**
 * Its process has ended: as it was asked to, or by its own fault.
 *
 * @param reason what it said, or how it ended
 */
export function ended(
  vassal: Vassal,
  now: Moment,
  reason: string,
  settings: EmperorSettings,
): Vassal {
  if (vassal.fault !== undefined) return failed(vassal, now, vassal.fault, settings);
  if (vassal.phase !== 'stopping') return failed(vassal, now, reason, settings);
  return { ...gone(vassal, now), triedStamp: undefined };
}

/**
 * It ended by its own fault, or could not be started. The wait doubles with each early end.
 *
 * @param stamp the version of the file that was tried
 */
export function failed(
  vassal: Vassal,
  now: Moment,
  reason: string,
  settings: EmperorSettings,
  stamp = vassal.triedStamp,
): Vassal {
  const { throttleSeconds, throttleSecondsMax, healthySeconds } = settings;
  const isHealthy = vassal.phase === 'serving' && now.ms - vassal.sinceMs >= healthySeconds * 1000;
  const failures = isHealthy ? 1 : vassal.failures + 1;
  const seconds = Math.min(throttleSeconds * 2 ** (failures - 1), throttleSecondsMax);
  const { history } = vassal;
  return {
    ...gone(vassal, now),
    triedStamp: stamp,
    failures,
    notBeforeMs: now.ms + seconds * 1000,
    reason,
    history: {
      ...history,
      firstFailure: failures === 1 ? now.wallSeconds : history.firstFailure,
      lastFailure: now.wallSeconds,
    },
  };
}

/** Why its file may not run; what runs goes on. */
export function refused(vassal: Vassal, reason: string): Vassal {
  return { ...vassal, reason };
}

/** The operator asks for another try: the file counts as new, and its owner as right. */
export function recalled(vassal: Vassal): Vassal {
  const owner = isRunning(vassal) ? vassal.owner : undefined;
  return { ...vassal, triedStamp: undefined, owner, notBeforeMs: 0 };
}

function gone(vassal: Vassal, now: Moment): Vassal {
  return {
    ...vassal,
    phase: 'waiting',
    sinceMs: now.ms,
    asked: undefined,
    fault: undefined,
    limitMs: Number.POSITIVE_INFINITY,
    pid: 0,
    addresses: [],
    reload: 0,
  };
}
