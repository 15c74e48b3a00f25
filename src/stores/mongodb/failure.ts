/** The driver's errors as ours. No message holds the URL, which may hold a password (T92). */

import { MongoError, MongoInvalidArgumentError, MongoServerError } from 'mongodb';
import { type ErrorCode, PortcullisError, systemCodeOf } from '../../errors.ts';

/** https://www.mongodb.com/docs/manual/reference/error-codes/ */
const duplicateKey = 11000;
const meanings: ReadonlyMap<number, readonly [ErrorCode, string]> = new Map([
  [2, ['DOCUMENT_INVALID', 'the server cannot keep such a value']],
  [13, ['STORE_UNAVAILABLE', 'the user of the URL may not do this']],
  [18, ['STORE_UNAVAILABLE', 'the server refuses the credentials of the URL']],
  [50, ['STORE_UNAVAILABLE', 'the server takes too long']],
  [64, ['STORE_UNAVAILABLE', 'a majority of the servers did not confirm a change in time']],
  [238, ['FILTER_INVALID', 'the server does not know an operator in this place']],
  [292, ['RESULT_TOO_LARGE', 'the server has not the memory to sort so much']],
  [10334, ['DOCUMENT_INVALID', 'the document is larger than the server takes']],
  [14031, ['STORE_FULL', 'no space is left on the device of the server']],
]);

/** FerretDB 1 gives them all the same code, and says what its SQLite says. */
const ferretdbMeanings: readonly (readonly [words: string, ErrorCode, string])[] = [
  ['database or disk is full', 'STORE_FULL', 'no space is left on the device of the server'],
  ['attempt to write a readonly database', 'STORE_READ_ONLY', 'the server can only read its files'],
  ['database disk image is malformed', 'STORE_CORRUPT', 'the files of the server are damaged'],
  ['file is not a database', 'STORE_CORRUPT', 'the files of the server are damaged'],
];

/** `error` as ours; what is not the driver's is given back as it is. */
export function storeFailure(error: unknown): unknown {
  if (error instanceof PortcullisError || !isOfConnection(error)) return error;
  const [code, state] = explain(error);
  return new PortcullisError(code, `Cannot use the MongoDB store: ${state}`, { cause: error });
}

/** Whether a unique index refused a change, which then was not made. */
export function isDuplicate(error: unknown): boolean {
  if (!(error instanceof MongoServerError)) return false;
  // FerretDB 1 says of an update what its SQLite says, and gives it no code of its own.
  return error.code === duplicateKey || error.message.includes('UNIQUE constraint failed');
}

/**
 * Whether a change that failed with `error` cannot be made any more. After most errors of the driver
 * the server may still be at it, or has made it and could not say so.
 */
export function isSettled(error: unknown): boolean {
  return isDuplicate(error) || error instanceof PortcullisError;
}

/** The driver lets some errors of its sockets through as they are. */
function isOfConnection(error: unknown): error is Error {
  // Codes of Node's own begin with ERR_, and are of calls that are wrong.
  return error instanceof MongoError || /^E(?!RR_)/.test(systemCodeOf(error) ?? '');
}

function explain(error: Error): readonly [ErrorCode, string] {
  const code = error instanceof MongoServerError ? Number(error.code) : 0;
  const known = meanings.get(code);
  if (known !== undefined) return known;
  const ferretdb = ferretdbMeanings.find(([words]) => error.message.includes(words));
  if (ferretdb !== undefined) return [ferretdb[1], ferretdb[2]];
  if (error instanceof MongoInvalidArgumentError) return ['DOCUMENT_INVALID', error.message];
  return ['STORE_UNAVAILABLE', withoutCredentials(error.message)];
}

function withoutCredentials(message: string): string {
  return message.replaceAll(/\/\/[^/@\s]*@/g, '//');
}
