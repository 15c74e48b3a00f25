/**
 * The passwords that were found right a moment ago, so that a change of anybody's account does not
 * have every client's password hashed anew. Bounded in number and time, in this process alone.
 *
 * No password lies in memory for it: the key is a SHA-256 over a secret of this process and
 * length-prefixed fields (T51).
 */

import { hash, randomBytes } from 'node:crypto';
import { keepNewest } from '../keep-newest.ts';

export interface VerifiedPasswordsOptions {
  /** The longest time that a password counts as verified, in seconds; 0 keeps none. */
  readonly secondsMax: number;
  /** The most that are kept; above it the one that was kept first goes. */
  readonly entriesMax: number;
  /** Milliseconds of a clock that never jumps (T97). */
  readonly monotonicNow?: () => number;
}

interface Entry {
  /** What is stored for the user, which the password was right for. */
  readonly stored: string;
  readonly expiresAt: number;
}

export class VerifiedPasswords {
  readonly #entries = new Map<string, Entry>();
  readonly #secret = randomBytes(32).toString('hex');
  readonly #options: VerifiedPasswordsOptions;
  readonly #now: () => number;

  constructor(options: VerifiedPasswordsOptions) {
    this.#options = options;
    this.#now = options.monotonicNow ?? (() => performance.now());
  }

  /** The stored hash that this password of `user` was right for; whether it is stored still is open. */
  recall(user: string, password: string): string | undefined {
    const key = this.#key(user, password);
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAt > this.#now()) return entry?.stored;
    this.#entries.delete(key);
    return undefined;
  }

  keep(user: string, password: string, stored: string): void {
    const { secondsMax, entriesMax } = this.#options;
    if (secondsMax <= 0) return;
    const key = this.#key(user, password);
    const entry = { stored, expiresAt: this.#now() + 1000 * secondsMax };
    keepNewest(this.#entries, key, entry, entriesMax);
  }

  #key(user: string, password: string): string {
    // UTF-16 keeps even lone surrogates apart, which UTF-8 would make one.
    const text = `${this.#secret}${user.length}:${user}${password.length}:${password}`;
    return hash('sha256', Buffer.from(text, 'utf16le'), 'base64');
  }
}
