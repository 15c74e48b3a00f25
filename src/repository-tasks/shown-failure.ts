/** What a task of a repository fails with, as whoever may see the task reads it. */

import { PortcullisError } from '../errors.ts';
import { TaskFailure } from '../tasks/kind.ts';

/** What is the operator's to mend is said; everything else is in the log alone (T92). */
export function shownFailure(
  error: unknown,
  shown: {
    /** What failed, as `sync`. */
    readonly what: string;
    /** In Pulp's codes. */
    readonly code: string;
    /** The codes of errors whose messages are shown as they are. */
    readonly shownCodes: ReadonlySet<string>;
  },
): TaskFailure {
  if (error instanceof TaskFailure) return error;
  const isShown = error instanceof PortcullisError && shown.shownCodes.has(error.code);
  const text = isShown ? error.message : `The ${shown.what} failed; the log says why under its id.`;
  return new TaskFailure(shown.code, text);
}
