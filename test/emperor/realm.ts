/** A realm for tests of the policy: files and vassals as plain data. */

import type { EmperorStatus } from '../../src/emperor/emperor.ts';
import type { FileFacts } from '../../src/emperor/file-facts.ts';
import type { Realm } from '../../src/emperor/policy.ts';
import type { SeenFile } from '../../src/emperor/seen-files.ts';
import { defaultEmperorSettings } from '../../src/emperor/settings.ts';
import { newVassal, type Vassal } from '../../src/emperor/vassal.ts';
import { failed, served, started } from '../../src/emperor/vassal-events.ts';

export const settings = {
  ...defaultEmperorSettings,
  settleSeconds: 1,
  throttleSeconds: 2,
  throttleSecondsMax: 16,
  healthySeconds: 30,
  startSeconds: 60,
  turnSeconds: 10,
  startsMax: 2,
};

/** One moment, `ms` after an hour of monotonic time. */
export function at(ms: number) {
  return { ms: 3_600_000 + ms, wallSeconds: 1_800_000_000 + Math.floor(ms / 1000) };
}

export function facts(stamp: string, some: Partial<FileFacts> = {}): FileFacts {
  return {
    stamp,
    kind: 'file',
    uid: 0,
    gid: 0,
    mode: 0o644,
    names: 1,
    sizeBytes: 10,
    writtenMs: 0,
    ...some,
  };
}

/** A file that has long been as it is. */
export function settled(found: SeenFile['found']): SeenFile {
  return { found, sinceMs: 0 };
}

export function realm(
  files: Readonly<Record<string, SeenFile>>,
  vassals: readonly Vassal[],
  some: Partial<Realm> = {},
): Realm {
  return {
    files: new Map(Object.entries(files)),
    vassals: new Map(vassals.map((vassal) => [vassal.name, vassal])),
    isOpen: true,
    ending: undefined,
    regime: { uid: 0, isTyrant: false },
    settings,
    ...some,
  };
}

export const waiting = (name = 'a.yaml'): Vassal => newVassal(name, at(0));

const ownFile = facts('1', { uid: 1000, gid: 1001, writtenMs: 5000 });

/** A vassal whose process was started at `at(0)`. */
export function starting(name: string, pid: number): Vassal {
  return started(waiting(name), at(0), ownFile, pid, settings);
}

/** A tyrant at `at(1500)`; without other vassals, with one that serves and one that has failed. */
export function empireStatus(
  vassals: readonly Vassal[] = [
    served(starting('good.yaml', 71), at(1000), ['unix:/run/good.sock'], 5),
    failed(starting('bad.yaml', 72), at(1000), 'Cannot listen', settings),
  ],
): EmperorStatus {
  return {
    directory: '/etc/vassals',
    isTyrant: true,
    settings,
    files: new Map([['good.yaml', settled(ownFile)]]),
    vassals: new Map(vassals.map((vassal) => [vassal.name, vassal])),
    now: at(1500),
  };
}
