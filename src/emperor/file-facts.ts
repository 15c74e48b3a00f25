/** What the system says of a file, as far as the emperor looks at it. */

import type { BigIntStats } from 'node:fs';

export interface FileFacts {
  /** Changes with every change of the file: its content, its times, its owner, its place. */
  readonly stamp: string;
  readonly kind: 'file' | 'link' | 'directory' | 'other';
  readonly uid: number;
  readonly gid: number;
  /** Permission bits. */
  readonly mode: number;
  /** How many names it has. */
  readonly names: number;
  readonly sizeBytes: number;
  /** When its content was written, as the system says, milliseconds since 1970. */
  readonly writtenMs: number;
}

const permissionBits = 0o7777n;

export function factsOf(stats: BigIntStats): FileFacts {
  const { dev, ino, size, mtimeNs, ctimeNs, uid, gid, mode, nlink } = stats;
  return {
    // A new time of the inode is a new version even when the time of the content is an older one.
    stamp: [dev, ino, size, mtimeNs, ctimeNs].join(':'),
    kind: kindOf(stats),
    uid: Number(uid),
    gid: Number(gid),
    mode: Number(mode & permissionBits),
    names: Number(nlink),
    sizeBytes: Number(size),
    writtenMs: Number(stats.mtimeMs),
  };
}

function kindOf(stats: BigIntStats): FileFacts['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isSymbolicLink()) return 'link';
  return stats.isDirectory() ? 'directory' : 'other';
}

/** The names of configuration files; dot files and what editors leave behind are none. */
const configurationName = /^[^.#~].*\.(?:yaml|yml|json)$/s;

export function isConfigurationName(name: string): boolean {
  return configurationName.test(name);
}
