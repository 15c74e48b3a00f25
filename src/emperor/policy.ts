/**
 * What the emperor is to do with each vassal now. Pure: no process, no clock, no file.
 *
 * | the file                          | waiting | starting, serving |
 * |-----------------------------------|---------|-------------------|
 * | gone for `settleSeconds`          | forget  | stop |
 * | another owner's (tyrant)          | refuse  | stop, then refuse |
 * | changed within `settleSeconds`    | wait    | goes on |
 * | may not run                       | refuse  | goes on; refuse |
 * | as it was when it was last tried  | start after the throttle | goes on |
 * | another                           | start   | reload, once it serves |
 *
 * Files of a directory that is away or may not be used count as unchanged, and start nothing.
 * Whatever is asked to end and does not is asked more urgently at its limit.
 */

import { fileRefusal, type Regime } from './admission.ts';
import type { FileFacts } from './file-facts.ts';
import type { Found, SeenFile } from './seen-files.ts';
import type { EmperorSettings } from './settings.ts';
import { isRunning, type Urgency, type Vassal } from './vassal.ts';
import type { Asked } from './vassal-events.ts';

export interface Realm {
  readonly files: ReadonlyMap<string, SeenFile>;
  readonly vassals: ReadonlyMap<string, Vassal>;
  /** Whether the directory is there and may be used. */
  readonly isOpen: boolean;
  /** How everything is to end; undefined while it goes on. */
  readonly ending: 'drain' | 'interrupt' | undefined;
  readonly regime: Regime;
  readonly settings: EmperorSettings;
}

export type Action = { readonly name: string } & (
  | { readonly act: 'start' | 'reload'; readonly facts: FileFacts }
  | { readonly act: 'end'; readonly asked: Asked }
  | { readonly act: 'refuse'; readonly reason: string }
  | { readonly act: 'forget' }
);

export interface Decisions {
  readonly actions: readonly Action[];
  /** When to decide again although nothing has happened, monotonic milliseconds. */
  readonly againMs: number;
}

/** What one vassal is due; `start` still needs a turn. */
interface Due {
  readonly action?: Action;
  readonly againMs?: number;
}

export function decide(realm: Realm, nowMs: number): Decisions {
  const dues = [...realm.vassals.values()].map((vassal) => dueOf(vassal, realm, nowMs));
  const actions = dues.flatMap(({ action }) => (action === undefined ? [] : [action]));
  const starts = actions.filter(({ act }) => act === 'start');
  const { turns, againMs } = freeTurns(realm, nowMs);
  const taken = new Set(byPatience(starts, realm).slice(0, turns));
  const times = dues.map((due) => due.againMs ?? Number.POSITIVE_INFINITY);
  return {
    actions: actions.filter((action) => action.act !== 'start' || taken.has(action)),
    againMs: Math.min(...times, starts.length > turns ? againMs : Number.POSITIVE_INFINITY),
  };
}

function dueOf(vassal: Vassal, realm: Realm, nowMs: number): Due {
  const { name } = vassal;
  const { settings } = realm;
  if (vassal.phase === 'stopping') return dueWhileStopping(vassal, realm, nowMs);
  if (realm.ending !== undefined) {
    return isRunning(vassal) ? end(vassal, realm.ending, 'the emperor ends', settings) : {};
  }
  if (vassal.phase === 'starting' && nowMs >= vassal.limitMs) {
    const why = `it did not serve within ${settings.startSeconds} seconds`;
    return end(vassal, 'kill', why, settings);
  }
  const limit = vassal.phase === 'starting' ? { againMs: vassal.limitMs } : {};
  const file = realm.files.get(name);
  if (!realm.isOpen || file === undefined) return limit;
  const due = dueByFile(vassal, file, realm, nowMs);
  if (due.action !== undefined) return due;
  return { againMs: Math.min(due.againMs ?? Number.POSITIVE_INFINITY, vassal.limitMs) };
}

function dueWhileStopping(vassal: Vassal, { ending, settings }: Realm, nowMs: number): Due {
  if (vassal.asked === 'drain' && ending === 'interrupt') {
    return end(vassal, 'interrupt', 'the emperor ends at once', settings);
  }
  if (nowMs < vassal.limitMs) return { againMs: vassal.limitMs };
  return end(vassal, 'kill', 'it did not end in time', settings);
}

function dueByFile(vassal: Vassal, file: SeenFile, realm: Realm, nowMs: number): Due {
  const { found } = file;
  const settledMs = file.sinceMs + realm.settings.settleSeconds * 1000;
  const refusal = ownerRefusal(vassal, found, realm);
  if (refusal !== undefined) {
    return isRunning(vassal)
      ? end(vassal, 'drain', refusal, realm.settings)
      : refuse(vassal, refusal);
  }
  if (nowMs < settledMs) return { againMs: settledMs };
  if (found === undefined) {
    if (isRunning(vassal)) return end(vassal, 'drain', 'its file is gone', realm.settings);
    return { action: { act: 'forget', name: vassal.name } };
  }
  if (typeof found === 'string') return refuse(vassal, found);
  const reason = fileRefusal(found, realm.regime);
  if (reason !== undefined) return refuse(vassal, reason);
  return dueByVersion(vassal, found, nowMs);
}

function dueByVersion(vassal: Vassal, facts: FileFacts, nowMs: number): Due {
  const { name } = vassal;
  const isNew = vassal.triedStamp !== facts.stamp;
  switch (vassal.phase) {
    case 'serving':
      return isNew ? { action: { act: 'reload', name, facts } } : {};
    case 'waiting':
      if (isNew || nowMs >= vassal.notBeforeMs) return { action: { act: 'start', name, facts } };
      return { againMs: vassal.notBeforeMs };
    default:
      return {};
  }
}

function ownerRefusal({ owner }: Vassal, found: Found, { regime }: Realm): string | undefined {
  if (!regime.isTyrant || owner === undefined || typeof found !== 'object') return undefined;
  if (owner.uid === found.uid && owner.gid === found.gid) return undefined;
  return `its owner has changed from ${owner.uid}:${owner.gid} to ${found.uid}:${found.gid}; remove it for a moment, or send HUP to the emperor, when that is right`;
}

/** Told once for each reason. */
function refuse({ name, reason: told }: Vassal, reason: string): Due {
  return told === reason ? {} : { action: { act: 'refuse', name, reason } };
}

/** Nobody but itself is to blame when it has to be killed before it serves. */
function end(vassal: Vassal, urgency: Urgency, why: string, settings: EmperorSettings): Due {
  const { stopSecondsMax, interruptSeconds } = settings;
  const seconds =
    urgency === 'drain' ? Math.min(vassal.stopSeconds, stopSecondsMax) : interruptSeconds;
  const isFault = urgency === 'kill' && vassal.phase === 'starting';
  return { action: { act: 'end', name: vassal.name, asked: { urgency, seconds, why, isFault } } };
}

/** Starts that may begin now, and when the next one may. */
function freeTurns({ vassals, settings }: Realm, nowMs: number) {
  const ends = [...vassals.values()]
    .filter(({ phase }) => phase === 'starting')
    .map(({ sinceMs }) => sinceMs + settings.turnSeconds * 1000)
    .filter((endMs) => endMs > nowMs);
  return { turns: Math.max(0, settings.startsMax - ends.length), againMs: Math.min(...ends) };
}

/** What has failed often comes behind what has not. */
function byPatience(starts: readonly Action[], { vassals }: Realm): readonly Action[] {
  const failuresOf = ({ name }: Action): number => vassals.get(name)?.failures ?? 0;
  return starts.toSorted((a, b) => failuresOf(a) - failuresOf(b) || (a.name < b.name ? -1 : 1));
}
