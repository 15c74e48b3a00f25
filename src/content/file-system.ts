/** Path text and failures at the edge of the file system. */

import { messageOf, PortcullisError, systemCodeOf } from '../errors.ts';
import { pathToBytes } from '../http/canonical-path.ts';

/** What the file-system calls take for path text. Node writes well-formed text as UTF-8 itself. */
export function fileSystemPath(text: string): string | Buffer {
  return text.isWellFormed() ? text : pathToBytes(text);
}

/** A name that is not there, or that could not be: too long, below a file, a loop of links. */
const absences: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP']);

export function isAbsence(error: unknown): boolean {
  return absences.has(systemCodeOf(error) ?? '');
}

/** An expected failure stays what it is; any other becomes CONTENT_UNAVAILABLE, for a 503. */
export function unavailable(path: string, error: unknown): PortcullisError {
  if (error instanceof PortcullisError) return error;
  return new PortcullisError(
    'CONTENT_UNAVAILABLE',
    `Cannot read "${path}": ${systemCodeOf(error) ?? messageOf(error)}; it has to be readable by this user`,
    { cause: error },
  );
}
