/** The database's file: made for us alone, and used only where nobody else can put another in its place. */

import { closeSync, constants, lstatSync, openSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { PortcullisError, systemCodeOf, systemReason } from '../../errors.ts';

/** Read and written by its owner: it holds password hashes. SQLite gives the files beside it the same. */
const fileMode = 0o600;

const groupAndOthers = 0o077;
const writableByThem = 0o022;

/** Which file it is, whatever its name; undefined when there is none. */
export function fileIdentity(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false, bigint: true });
  return stats === undefined ? undefined : `${stats.dev}-${stats.ino}`;
}

/**
 * Makes the file if it may be made, and checks it and its directory (T93).
 *
 * @throws PortcullisError STORE_UNAVAILABLE, STORE_READ_ONLY or STORE_FULL
 */
export function prepareFile(file: string, mayCreate: boolean): void {
  checkDirectory(file);
  if (lstat(file) === undefined) {
    if (!mayCreate) throw unusable(file, 'there is no such file');
    create(file);
  }
  checkFile(file, lstat(file));
}

/**
 * Whoever may write to the directory may exchange the file, or lay one of those beside it.
 *
 * @throws PortcullisError STORE_UNAVAILABLE
 */
export function checkDirectory(file: string): void {
  const directory = path.dirname(file);
  let stats: Stats;
  try {
    stats = statSync(directory);
  } catch (error) {
    throw unusable(file, `its directory cannot be used: ${systemReason(error)}`);
  }
  if (!stats.isDirectory()) throw unusable(file, `${directory} is not a directory`);
  if ((stats.mode & writableByThem) !== 0) {
    throw unusable(file, `others may write to ${directory}; chmod go-w would be right`);
  }
  if (!isTrustedOwner(stats)) throw unusable(file, `${directory} belongs to another user`);
}

function create(file: string): void {
  const { O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW } = constants;
  try {
    closeSync(openSync(file, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, fileMode));
  } catch (error) {
    // Another process was faster; what it made is checked like any file.
    if (systemCodeOf(error) === 'EEXIST') return;
    throw cannotCreate(file, error);
  }
}

function cannotCreate(file: string, error: unknown): PortcullisError {
  const codes = {
    EROFS: 'STORE_READ_ONLY',
    EACCES: 'STORE_READ_ONLY',
    ENOSPC: 'STORE_FULL',
  } as const;
  const systemCode = systemCodeOf(error);
  const code = Object.entries(codes).find(([name]) => name === systemCode)?.[1];
  return new PortcullisError(
    code ?? 'STORE_UNAVAILABLE',
    `Cannot make the store ${file}: ${systemReason(error)}`,
  );
}

function checkFile(file: string, stats: Stats | undefined): void {
  if (stats === undefined) throw unusable(file, 'it was removed in this moment');
  if (!stats.isFile()) throw unusable(file, 'it is not a regular file');
  if (!isTrustedOwner(stats)) throw unusable(file, 'it belongs to another user');
  if ((stats.mode & groupAndOthers) !== 0) {
    throw unusable(file, 'others may read or write it; chmod 600 would be right');
  }
}

function isTrustedOwner({ uid }: Stats): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

function lstat(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw unusable(file, systemReason(error));
  }
}

function unusable(file: string, state: string): PortcullisError {
  return new PortcullisError('STORE_UNAVAILABLE', `Cannot use the store ${file}: ${state}`);
}
