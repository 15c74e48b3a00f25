/** Where something is served, from an option of a distributor. */

import { relativePathProblem } from '../storage/relative-path.ts';

/** The path without a slash at its ends; undefined for one that is not of whole, plain segments. */
export function relativePathOf(raw: string): string | undefined {
  const path = raw.replace(/^\//, '').replace(/\/$/, '');
  return relativePathProblem(path) === undefined ? path : undefined;
}
