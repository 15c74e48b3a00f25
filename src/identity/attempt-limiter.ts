/**
 * Bounds how often passwords are tried in vain (T52), without locking the right person out.
 *
 * Failures empty buckets that fill again with time. One bucket is for a user at a network, so that
 * somebody elsewhere who knows the password is not kept waiting by somebody who guesses. Two wider
 * ones, for a user from all networks and for a network with all users, bound guessing from many
 * places and of many names; they do not count for a user at a network where the password was right
 * before.
 */

import { isIPv6 } from 'node:net';

export interface AttemptLimits {
  /** Failures in a row of one user at one network, and how many seconds bring one back. */
  readonly userAtNetwork: BucketLimits;
  readonly user: BucketLimits;
  readonly network: BucketLimits;
  /** Buckets, and known pairs of user and network, that are kept; the least recently used go. */
  readonly entriesMax: number;
}

export interface BucketLimits {
  readonly failuresMax: number;
  readonly secondsPerFailure: number;
}

const defaultAttemptLimits: AttemptLimits = Object.freeze({
  userAtNetwork: { failuresMax: 10, secondsPerFailure: 6 },
  user: { failuresMax: 100, secondsPerFailure: 1 },
  network: { failuresMax: 100, secondsPerFailure: 1 },
  entriesMax: 10_000,
});

/** An attempt that may be made, and has to be told how it went. */
export interface Attempt {
  succeeded(): void;
  /** Gives back what was set aside, for an attempt that came to no answer. */
  abandoned(): void;
}

export interface TooManyAttempts {
  /** When the next one may be made, in whole seconds from now, at least 1. */
  readonly retryAfterSeconds: number;
}

interface Bucket {
  /** Failures that weigh still, at `at`. */
  level: number;
  at: number;
}

export class AttemptLimiter {
  readonly #limits: AttemptLimits;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  readonly #known = new Map<string, true>();

  /** @param monotonicNow milliseconds of a clock that never jumps (T97) */
  constructor(limits = defaultAttemptLimits, monotonicNow: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = monotonicNow;
  }

  /**
   * Counts an attempt as failed until it is told otherwise, so that a thousand at once are bounded
   * as a thousand in turn are.
   *
   * @param address undefined counts as one network of its own
   */
  begin(user: string, address: string | undefined): Attempt | TooManyAttempts {
    const network = networkOf(address);
    const pair = JSON.stringify([user, network]);
    const buckets: [string, BucketLimits][] = [[`pair ${pair}`, this.#limits.userAtNetwork]];
    if (!this.#known.has(pair)) {
      buckets.push(
        [`user ${user}`, this.#limits.user],
        [`network ${network}`, this.#limits.network],
      );
    }
    const retryAfterSeconds = Math.max(...buckets.map(([key, limits]) => this.#wait(key, limits)));
    if (retryAfterSeconds > 0) return { retryAfterSeconds };
    for (const [key, limits] of buckets) this.#add(key, limits, 1);
    const giveBack = once(() => {
      for (const [key, limits] of buckets) this.#add(key, limits, -1);
    });
    return {
      abandoned: giveBack,
      succeeded: () => {
        giveBack();
        this.#buckets.delete(`pair ${pair}`);
        remember(this.#known, pair, true, this.#limits.entriesMax);
      },
    };
  }

  /** Seconds until one more failure fits; 0 when it fits now. */
  #wait(key: string, limits: BucketLimits): number {
    const over = this.#level(key, limits) + 1 - limits.failuresMax;
    return over <= 0 ? 0 : Math.max(1, Math.ceil(over * limits.secondsPerFailure));
  }

  #add(key: string, limits: BucketLimits, failures: number): void {
    const level = Math.max(0, this.#level(key, limits) + failures);
    // What came to nothing takes the place of no other failure.
    if (level === 0) this.#buckets.delete(key);
    else remember(this.#buckets, key, { level, at: this.#now() }, this.#limits.entriesMax);
  }

  #level(key: string, limits: BucketLimits): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return 0;
    const drained = (this.#now() - bucket.at) / 1000 / limits.secondsPerFailure;
    return Math.max(0, bucket.level - drained);
  }
}

/** The /24 of an IPv4 address, the /64 of an IPv6 one: what one guesser has at hand. */
function networkOf(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  if (!isIPv6(address)) return address.slice(0, address.lastIndexOf('.'));
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing =
    tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  return [...groups, ...Array<string>(missing).fill('0'), ...(tail ?? '').split(':')]
    .slice(0, 4)
    .join(':');
}

/** Puts `key` last in the map, and takes the first out when there are too many. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value, max: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= max) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}
