/** What was seen of the files of a directory, and since when. Pure. */

import type { FileFacts } from './file-facts.ts';

/** What is there; a reason why that cannot be known; or undefined when nothing is. */
export type Found = FileFacts | string | undefined;

/** One name of the directory. */
export interface SeenFile {
  readonly found: Found;
  /** Since when it is so, monotonic milliseconds. */
  readonly sinceMs: number;
}

/** A name that is no longer there is kept as such, until it is forgotten. */
export function see(
  files: ReadonlyMap<string, SeenFile>,
  found: ReadonlyMap<string, Found>,
  nowMs: number,
): ReadonlyMap<string, SeenFile> {
  const names = new Set([...files.keys(), ...found.keys()]);
  return new Map(
    [...names].map((name) => {
      const before = files.get(name);
      const now = found.get(name);
      const isSame = before !== undefined && versionOf(before.found) === versionOf(now);
      return [name, isSame ? before : { found: now, sinceMs: nowMs }];
    }),
  );
}

function versionOf(found: Found): string | undefined {
  return typeof found === 'object' ? found.stamp : found;
}
