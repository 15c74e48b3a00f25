/** The users and groups of this host, by getent(1), which asks LDAP and SSSD too, or from the files. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PortcullisError, systemCodeOf } from '../../errors.ts';
import { type Owner, sameOwner } from '../plan.ts';

export interface Account {
  readonly uid: number;
  /** Of its primary group. */
  readonly gid: number;
  readonly name: string;
}

type Database = 'passwd' | 'group';

/** A directory service that does not answer must not hold up the start for ever. */
const lookupMs = 30_000;
/** What getent(1) exits with when it knows no such name. */
const notFound = 2;

/**
 * The numbers of a user and a group, each by name or number; undefined stands for that of
 * `otherwise`. A number need not have a name.
 *
 * @throws PortcullisError START_REFUSED when the host does not know a name
 */
export function resolveOwner(
  user: string | number | undefined,
  group: string | number | undefined,
  otherwise: Owner = sameOwner,
): Owner {
  const uid = numberOf('passwd', user) ?? otherwise.uid;
  return { uid, gid: numberOf('group', group) ?? otherwise.gid };
}

/** @throws PortcullisError START_REFUSED: to run as somebody takes a name and a primary group */
export function resolveUser(user: string | number): Account {
  const account = findUser(user);
  if (account === undefined) throw unknown('passwd', user);
  return account;
}

function findUser(user: string | number): Account | undefined {
  const [name = '', , uid, gid] = entryOf('passwd', user) ?? [];
  if (uid === undefined || gid === undefined) return undefined;
  return { name, uid: Number(uid), gid: Number(gid) };
}

function numberOf(database: Database, written: string | number | undefined): number | undefined {
  if (written === undefined || typeof written === 'number') return written;
  const number = entryOf(database, written)?.[2];
  if (number === undefined) throw unknown(database, written);
  return Number(number);
}

/** The fields of passwd(5) or group(5); both have the name first and the number third. */
function entryOf(database: Database, key: string | number): readonly string[] | undefined {
  const column = typeof key === 'number' ? 2 : 0;
  const isEntry = (fields: readonly string[]): boolean =>
    fields[column] === String(key) && /^\d+$/.test(fields[2] ?? '');
  const parse = (text: string): readonly string[] | undefined =>
    text
      .split('\n')
      .map((line) => line.split(':'))
      .find(isEntry);
  return parse(readEntries(database)) ?? parse(askGetent(database, key));
}

function readEntries(database: Database): string {
  try {
    return readFileSync(`/etc/${database}`, 'utf8');
  } catch {
    return '';
  }
}

/** Nothing where there is no such program: then the files are all there is. */
function askGetent(database: Database, key: string | number): string {
  try {
    return execFileSync('getent', ['--', database, String(key)], {
      encoding: 'utf8',
      timeout: lookupMs,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    const isMissing = systemCodeOf(error) === 'ENOENT';
    const isUnknown = error instanceof Error && 'status' in error && error.status === notFound;
    if (isMissing || isUnknown) return '';
    const what = database === 'passwd' ? 'user' : 'group';
    throw new PortcullisError(
      'START_REFUSED',
      `Cannot look up the ${what} ${key}: getent has failed; a directory service may not answer`,
      { cause: error },
    );
  }
}

function unknown(database: Database, written: string | number): PortcullisError {
  const what = database === 'passwd' ? 'user' : 'group';
  return new PortcullisError(
    'START_REFUSED',
    `Cannot use the ${what} ${written}: this host has no such ${what}`,
  );
}
