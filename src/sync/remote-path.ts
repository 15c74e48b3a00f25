/** Paths that a remote repository names (T28). */

import { relativePathProblem } from '../storage/relative-path.ts';
import { SyncFailure } from './failure.ts';

/** @throws SyncFailure for what is no path of whole segments below the feed */
export function checkRemotePath(what: string, path: string | undefined): string {
  const problem = path === undefined ? 'is missing' : relativePathProblem(path);
  if (path === undefined || problem !== undefined) {
    const shown = path === undefined ? '' : ` ${JSON.stringify(path.slice(0, 200))}`;
    throw new SyncFailure(`Cannot take ${what}: its path${shown} ${problem}`);
  }
  return path;
}

/** A whole number of decimal digits; undefined for anything else. */
export function wholeNumberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
