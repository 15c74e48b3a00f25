/**
 * Whose files may run, and as whom.
 *
 * A configuration names modules, and so is code. Whoever can write one runs code as the emperor, or
 * with `tyrant` as the owner of the file. Each refusal is a sentence's end: "it …".
 */

import type { FileFacts } from './file-facts.ts';
import { configurationBytesMax } from './messages.ts';

export interface Regime {
  /** The user that the emperor runs as. */
  readonly uid: number;
  /** Each vassal runs as the owner of its file, and nobody's link or second name counts. */
  readonly isTyrant: boolean;
}

const root = 0;
const writableByOthers = 0o022;

/** Why nothing of the directory may run, or undefined. */
export function directoryRefusal(facts: FileFacts, regime: Regime): string | undefined {
  if (facts.kind !== 'directory') return 'it is not a directory';
  if (!isOurs(facts.uid, regime)) {
    return `it belongs to user ${facts.uid}, who could put files into it; it has to belong to ${ownersIn(regime)}`;
  }
  if ((facts.mode & writableByOthers) !== 0) {
    return 'others than its owner may write into it; chmod go-w is right';
  }
  return undefined;
}

/** Why the file may not run, or undefined. Asked of what was seen, and again of what was opened. */
export function fileRefusal(facts: FileFacts, regime: Regime): string | undefined {
  if (facts.kind === 'link') return 'it is a symbolic link; a tyrant follows none';
  if (facts.kind !== 'file') return 'it is not a regular file';
  const owner = regime.isTyrant ? tyrantRefusal(facts) : ownerRefusal(facts, regime);
  if (owner !== undefined) return owner;
  if ((facts.mode & writableByOthers) !== 0) {
    return 'others than its owner may write to it; chmod go-w is right';
  }
  if (facts.sizeBytes === 0) return 'it is empty';
  if (facts.sizeBytes > configurationBytesMax) {
    return `it is longer than ${configurationBytesMax} bytes`;
  }
  return undefined;
}

function tyrantRefusal({ uid, gid, names }: FileFacts): string | undefined {
  if (uid === root) return 'it belongs to root; chown it to the user that it is to run as';
  if (gid === root) return 'its group is root; chgrp it to the group that it is to run as';
  // Somebody else can give a second name to a file, and so have its owner run it.
  return names > 1 ? 'it has more than one name (hard links); one is right' : undefined;
}

function ownerRefusal({ uid }: FileFacts, regime: Regime): string | undefined {
  if (isOurs(uid, regime)) return undefined;
  return `it belongs to user ${uid}, who would run code as user ${regime.uid}; it has to belong to ${ownersIn(regime)}`;
}

function isOurs(uid: number, regime: Regime): boolean {
  return uid === root || (!regime.isTyrant && uid === regime.uid);
}

function ownersIn({ uid, isTyrant }: Regime): string {
  return isTyrant || uid === root ? 'root' : `root or user ${uid}`;
}
