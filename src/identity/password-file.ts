/** htpasswd files, with bcrypt alone. */

import type { Logger } from '../log.ts';
import {
  costDefault,
  costMax,
  costMin,
  costOf,
  decoyHash,
  passwordBytes,
  verifyHash,
} from './bcrypt.ts';
import { readTextFile, unreadable } from './read-file.ts';
import type { WorkQueue } from './work-queue.ts';

export const passwordFileBytesMax = 4 * 1024 * 1024;
export const userBytesMax = 255;

/** The file alone, without a bound on attempts. */
export interface PasswordHashes {
  /** True when `user` is in the file with this password. */
  verify(user: string, password: string, signal: AbortSignal): Promise<boolean>;
  readonly users: ReadonlySet<string>;
}

export interface PasswordFileOptions {
  /** One for all files of a process: what it bounds is the process's threads. */
  readonly queue: WorkQueue;
  readonly log: Logger;
  /** Computes one hash; replaced by tests that count. */
  readonly verifyHash?: typeof verifyHash;
}

const act = 'use the password file';

/**
 * Opens a file of lines `user:hash`, where empty lines and those that begin with `#` count for
 * nothing.
 *
 * Every wrong answer costs the same: as much as the dearest hash of the file, whether the user
 * exists, and whatever the cost of the user's own hash (T47).
 *
 * @throws PortcullisError FILE_UNREADABLE when the file is missing, unreadable, empty or malformed;
 *   the message names the line and never its content
 */
export async function openPasswordFile(
  file: string,
  options: PasswordFileOptions,
): Promise<PasswordHashes> {
  const hashes = parse(await readTextFile(file, passwordFileBytesMax, act), file);
  const costs = [...hashes.values()].map((stored) => costOf(stored) ?? 0);
  const costMost = costs.reduce((most, cost) => Math.max(most, cost), 0);
  const weak = costs.filter((cost) => cost < costDefault).length;
  if (weak > 0) {
    options.log.warn('A password file has hashes that are cheap to guess', {
      file,
      hashes: weak,
      advice: `make them anew with "portcullis hash-password" or "htpasswd -B -C ${costDefault}"`,
    });
  }
  const compare = options.verifyHash ?? verifyHash;
  return {
    users: new Set(hashes.keys()),
    verify: async (user, password, signal) => {
      const bytes = passwordBytes(password);
      // The same for every user, so it tells nobody who exists.
      if (bytes === undefined) return false;
      const stored = hashes.get(user);
      return options.queue.run(async () => {
        if (stored !== undefined && (await compare(bytes, stored))) return true;
        for (const cost of costsLeft(stored, costMost)) await compare(bytes, decoyHash(cost));
        return false;
      }, signal);
    },
  };
}

/**
 * The costs of the hashes that make up the difference to one hash of `costMost`: after a cost of 10,
 * one of 10 and one of 11 are together as dear as one of 12.
 */
function costsLeft(stored: string | undefined, costMost: number): readonly number[] {
  if (stored === undefined) return [costMost];
  const cost = costOf(stored) ?? costMost;
  return Array.from({ length: costMost - cost }, (_, step) => cost + step);
}

function parse(text: string, file: string): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  const lineOfUser = new Map<string, number>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const number = index + 1;
    const colon = line.indexOf(':');
    const user = line.slice(0, Math.max(colon, 0));
    const stored = line.slice(colon + 1);
    const problem = lineProblem(user, stored);
    if (problem !== undefined) throw unreadable(file, act, `line ${number} ${problem}`);
    const earlier = lineOfUser.get(user);
    if (earlier !== undefined) {
      throw unreadable(file, act, `line ${number} names the same user as line ${earlier}`);
    }
    hashes.set(user, stored);
    lineOfUser.set(user, number);
  }
  if (hashes.size === 0) throw unreadable(file, act, 'it holds no user');
  return hashes;
}

function lineProblem(user: string, stored: string): string | undefined {
  if (user === '') return 'has no user; it should be "user:hash"';
  if (Buffer.byteLength(user) > userBytesMax) return `has a user of over ${userBytesMax} bytes`;
  if (/\p{Cc}/u.test(user)) return 'has a control character in its user';
  const cost = costOf(stored);
  if (cost === undefined) {
    return 'has no bcrypt hash, which alone is accepted; make one with "portcullis hash-password" or "htpasswd -B"';
  }
  if (cost < costMin || cost > costMax) {
    return `has a hash of cost ${cost}; accepted are ${costMin} to ${costMax}, and ${costDefault} or more is advised`;
  }
  return undefined;
}
