/** The passwords of users in a store: made, verified, and found to need a new hash. */

import { randomBytes } from 'node:crypto';
import { PortcullisError } from '../errors.ts';
import { type Password, readPassword } from './password-text.ts';
import { matchesPulpHash, type PulpHash, parsePulpHash } from './pulp-hash.ts';
import {
  formatScryptHash,
  matchesScryptHash,
  parseScryptHash,
  type ScryptCost,
  type ScryptHash,
  scryptCostDefault,
  scryptDigest,
  scryptSaltBytes,
  scryptWork,
} from './scrypt.ts';
import type { WorkQueue } from './work-queue.ts';

export type PasswordMatch =
  | {
      readonly outcome: 'right';
      /** Whether to keep a hash anew: it is one of Pulp 2, or cheaper to guess than those made now. */
      readonly isAged: boolean;
    }
  | { readonly outcome: 'wrong' };

export interface PasswordHasherOptions {
  /** One for all passwords of a process: what it bounds is the process's threads and memory. */
  readonly queue: WorkQueue;
  readonly cost?: ScryptCost;
}

type StoredHash =
  | { readonly kind: 'scrypt'; readonly hash: ScryptHash }
  | { readonly kind: 'pulp'; readonly hash: PulpHash };

const wrong = Object.freeze({ outcome: 'wrong' });

/**
 * Every wrong answer takes as long as every other (T47): as long as the dearest hash that was met,
 * whether the user exists and whatever the user's own hash costs. That it was met is remembered, so
 * nothing has to be known of the store.
 */
export class PasswordHasher {
  readonly #queue: WorkQueue;
  readonly #cost: ScryptCost;
  #dearest: ScryptCost;
  #hasMetPulp = false;

  constructor({ queue, cost = scryptCostDefault }: PasswordHasherOptions) {
    this.#queue = queue;
    this.#cost = cost;
    this.#dearest = cost;
  }

  /**
   * A hash to be stored, with its own random salt.
   *
   * @param password as {@link readPassword} gave it
   * @throws PortcullisError CANNOT_DECIDE when too much waits already
   */
  hash(password: Password, signal: AbortSignal): Promise<string> {
    return this.#queue.run(async () => {
      const salt = randomBytes(scryptSaltBytes);
      const digest = await scryptDigest(password.bytes, salt, this.#cost);
      return formatScryptHash({ ...this.#cost, salt, digest });
    }, signal);
  }

  /**
   * @param stored as it is kept; undefined for a user who does not exist, or has no password
   * @throws PortcullisError STORE_SCHEMA when `stored` is no hash that is known here
   * @throws PortcullisError CANNOT_DECIDE when too much waits already
   */
  async verify(
    password: string,
    stored: string | undefined,
    signal: AbortSignal,
  ): Promise<PasswordMatch> {
    const read = readPassword(password);
    // The same for every user, so it tells nobody who exists.
    if ('problem' in read) return wrong;
    const known = stored === undefined ? undefined : parseStored(stored);
    this.#meet(known);
    return this.#queue.run(async () => {
      if (known !== undefined && (await matches(read.bytes, known))) {
        return { outcome: 'right', isAged: this.#isAged(known) };
      }
      await this.#level(read.bytes, known);
      return wrong;
    }, signal);
  }

  #meet(known: StoredHash | undefined): void {
    if (known?.kind === 'pulp') this.#hasMetPulp = true;
    if (known?.kind !== 'scrypt') return;
    if (scryptWork(known.hash) > scryptWork(this.#dearest)) this.#dearest = known.hash;
  }

  #isAged(known: StoredHash): boolean {
    return known.kind === 'pulp' || scryptWork(known.hash) < scryptWork(this.#cost);
  }

  /** Does the work that is left after a hash that was wrong. */
  async #level(password: Uint8Array, known: StoredHash | undefined): Promise<void> {
    if (this.#hasMetPulp && known?.kind !== 'pulp') await matchesPulpHash(password, decoy);
    const done = known?.kind === 'scrypt' ? known.hash : undefined;
    const left = scryptWork(this.#dearest) - (done === undefined ? 0 : scryptWork(done));
    if (left === 0) return;
    const logN = Math.min(this.#dearest.logN, done?.logN ?? this.#dearest.logN);
    await scryptDigest(password, decoy.salt, { logN, p: left / 2 ** logN });
  }
}

const decoy: PulpHash = { salt: Buffer.alloc(8), digest: Buffer.alloc(32) };

function parseStored(stored: string): StoredHash {
  const scrypt = parseScryptHash(stored);
  if (scrypt !== undefined) return { kind: 'scrypt', hash: scrypt };
  const pulp = parsePulpHash(stored);
  if (pulp !== undefined) return { kind: 'pulp', hash: pulp };
  throw new PortcullisError(
    'STORE_SCHEMA',
    'Cannot verify a password: what is stored for the user is no hash that is known here; set the password anew',
  );
}

function matches(password: Uint8Array, known: StoredHash): Promise<boolean> {
  return known.kind === 'scrypt'
    ? matchesScryptHash(password, known.hash)
    : matchesPulpHash(password, known.hash);
}
