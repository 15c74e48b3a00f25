/** Downloads and bytes by principal and distribution, as sums of hours and of days (UTC). */

import type { DecisionFields } from './entry.ts';

/** The principal, or the distribution, of what is over the bounds. */
export const others = '(others)';

/** The principal of downloads that nobody had to be known for. */
export const nobody = '(anybody)';

export interface Usage {
  readonly downloads: number;
  readonly bytes: number;
}

export type UsageUnit = 'hour' | 'day';

export const usageUnits: readonly UsageUnit[] = ['hour', 'day'];

export const unitMilliseconds: Readonly<Record<UsageUnit, number>> = {
  hour: 3_600_000,
  day: 86_400_000,
};

/** The beginning of the hour or day that `time` lies in, milliseconds since 1970. */
export function startOf(unit: UsageUnit, time: number): number {
  return time - (time % unitMilliseconds[unit]);
}

/**
 * What a request counts as: a GET whose body was sent, or that a front was asked to send. Undefined for
 * all that is no download: a HEAD, a 304, a refusal.
 */
export function usageOf({
  method,
  outcome,
  status,
  bytes = 0,
  handedOver = 0,
}: DecisionFields): Usage | undefined {
  const isDownload = outcome === 'allow' && method === 'GET' && (status === 200 || status === 206);
  return isDownload ? { downloads: 1, bytes: bytes + handedOver } : undefined;
}

/** Sums by two names, of which only so many pairs are kept apart. */
export class PairSums {
  readonly #pairsMax: number;
  readonly #sums = new Map<string, Usage>();

  constructor(pairsMax: number, sums: Iterable<readonly [string, Usage]> = []) {
    this.#pairsMax = pairsMax;
    this.#sums = new Map(sums);
  }

  get size(): number {
    return this.#sums.size;
  }

  /** @param pair as {@link pairOf} makes it */
  add(pair: string, { downloads, bytes }: Usage): void {
    const key = this.#placeOf(pair);
    const sum = this.#sums.get(key) ?? { downloads: 0, bytes: 0 };
    this.#sums.set(key, { downloads: sum.downloads + downloads, bytes: sum.bytes + bytes });
  }

  entries(): readonly (readonly [pair: string, usage: Usage])[] {
    return [...this.#sums];
  }

  /** What is over the bound counts as that of others, of the same distribution where that fits. */
  #placeOf(pair: string): string {
    if (this.#sums.has(pair) || this.#sums.size < this.#pairsMax) return pair;
    const ofDistribution = pairOf(readPair(pair).distribution, others);
    return this.#sums.has(ofDistribution) ? ofDistribution : pairOf(others, others);
  }
}

export function pairOf(distribution: string, principal: string): string {
  return JSON.stringify([distribution, principal]);
}

export function readPair(pair: string): {
  readonly distribution: string;
  readonly principal: string;
} {
  const [distribution = '', principal = ''] = JSON.parse(pair) as readonly string[];
  return { distribution, principal };
}
