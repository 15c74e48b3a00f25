/** SQLite's errors as ours, in words that an operator can act on. */

import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { type ErrorCode, messageOf, PortcullisError, systemCodeOf } from '../../errors.ts';

/** Result codes, https://www.sqlite.org/rescode.html. */
const primary = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

/** SQLITE_READONLY_DBMOVED: the file was renamed or removed while it was open. */
const moved = 8 | (4 << 8);

const meanings: ReadonlyMap<number, readonly [ErrorCode, string]> = new Map([
  [primary.busy, ['STORE_UNAVAILABLE', 'other processes hold its lock for too long']],
  [primary.locked, ['STORE_UNAVAILABLE', 'it is locked']],
  [primary.readOnly, ['STORE_READ_ONLY', 'the file or its file system can only be read']],
  [primary.inputOutput, ['STORE_UNAVAILABLE', 'the file system fails to read or write it']],
  [primary.corrupt, ['STORE_CORRUPT', 'the file is damaged, and a backup has to be restored']],
  [primary.full, ['STORE_FULL', 'no space is left on the device']],
  [primary.cannotOpen, ['STORE_UNAVAILABLE', 'the file or one beside it cannot be opened']],
  [primary.notADatabase, ['STORE_CORRUPT', 'the file is not an SQLite database']],
]);

/** `error` as ours; what is not SQLite's is given back as it is. */
export function storeFailure(error: unknown, file: string): unknown {
  const code = resultCodeOf(error);
  if (code === undefined) return error;
  const isUnwritable = (code & 0xff) === primary.cannotOpen && isReadOnly(path.dirname(file));
  const meaning = meanings.get(isUnwritable ? primary.readOnly : code & 0xff);
  const [own, state] = meaning ?? ['STORE_UNAVAILABLE', messageOf(error)];
  const sentence = code === moved ? 'the file was moved or removed' : state;
  return new PortcullisError(
    code === moved ? 'STORE_UNAVAILABLE' : own,
    `Cannot use the store ${file}: ${sentence} (SQLite result ${code})`,
    { cause: error },
  );
}

/** Whether another try may succeed in a moment. */
export function isBusy(error: unknown): boolean {
  const code = resultCodeOf(error);
  return code !== undefined && (code & 0xff) === primary.busy;
}

/** Whether the connection is of no use any more: the next call has to open the file anew. */
export function isLost(error: unknown): boolean {
  const code = resultCodeOf(error);
  if (code === undefined) return false;
  const lost: readonly number[] = [
    primary.inputOutput,
    primary.corrupt,
    primary.cannotOpen,
    primary.notADatabase,
  ];
  return code === moved || lost.includes(code & 0xff);
}

/** SQLite makes files beside its own to read as well, and says only that it cannot open one. */
function isReadOnly(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return false;
  } catch (error) {
    return ['EROFS', 'EACCES'].includes(systemCodeOf(error) ?? '');
  }
}

function resultCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode : undefined;
}
