/**
 * bcrypt, with its three traps closed: it ignores what follows the 72nd byte of a password, some
 * implementations stop at a NUL, and its cost is chosen by the stored hash.
 */

import { hash, verify } from '@node-rs/bcrypt';
import { PortcullisError } from '../errors.ts';

/** Bytes of a password in UTF-8; bcrypt ignores what is behind them (T50). */
export const passwordBytesMax = 72;

/** log2 of the rounds: 10 takes some 65 ms, and each step doubles it. */
export const costDefault = 10;
/** What bcrypt knows, and `htpasswd -B` makes some of; below the default it is too cheap to guess. */
export const costMin = 4;
/** About a second. A hash of a higher cost would let few requests take all the time there is. */
export const costMax = 14;

/** A bcrypt hash of `password` for an htpasswd file, as `$2y$10$…`. */
export async function hashPassword(password: string, cost = costDefault): Promise<string> {
  const bytes = passwordBytes(password);
  if (bytes === undefined) {
    throw new PortcullisError(
      'USAGE',
      `Cannot hash the password: it has to be text of 1 to ${passwordBytesMax} bytes without a NUL`,
    );
  }
  if (!Number.isInteger(cost) || cost < costDefault || cost > costMax) {
    throw new PortcullisError(
      'USAGE',
      `Cannot hash the password: the cost is ${cost}, and has to be ${costDefault} to ${costMax}`,
    );
  }
  return hash(bytes, { cost, version: '2y' });
}

/** What bcrypt can tell apart from every other password; undefined for the rest. */
export function passwordBytes(password: string): Uint8Array | undefined {
  // The length in UTF-16 first: it is at most the length in bytes, and costs nothing.
  if (password.length > passwordBytesMax || password.includes('\0')) return undefined;
  if (!password.isWellFormed()) return undefined;
  const bytes = Buffer.from(password);
  return bytes.length === 0 || bytes.length > passwordBytesMax ? undefined : bytes;
}

/** Computes one hash in libuv's thread pool. */
export function verifyHash(password: Uint8Array, stored: string): Promise<boolean> {
  return verify(password, stored);
}

/** A hash of `cost` that no known password has: what an unknown user is verified against. */
export function decoyHash(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${decoyDigest}`;
}

/** 22 characters of salt and 31 of digest, which nobody computed. */
const decoyDigest = 'PortcullisDecoyHashOfOnobodyKnowsThePasswordOfThisOne';

/** The cost of a bcrypt hash as `htpasswd -B` writes it; undefined for anything else. */
export function costOf(stored: string): number | undefined {
  const match = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(stored);
  return match === null ? undefined : Number(match[1]);
}
