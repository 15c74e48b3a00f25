/** How long to wait before a worker that has died early is replaced. */

import type { Supervision } from '../plan.ts';

/**
 * A worker that had served is waited for at most this many times `backOffSeconds`: whoever finds a
 * request that ends a worker must not keep the pool down for longer than that at each.
 */
export const servedBackOffFactorMax = 4;

/** @param earlyDeaths in a row, this one included
 *  @returns milliseconds */
export function backOffMs(
  { backOffSeconds, backOffSecondsMax }: Supervision,
  earlyDeaths: number,
  hadServed: boolean,
): number {
  if (earlyDeaths === 0) return 0;
  const doubled = backOffSeconds * 2 ** (earlyDeaths - 1);
  const max = hadServed
    ? Math.min(backOffSecondsMax, backOffSeconds * servedBackOffFactorMax)
    : backOffSecondsMax;
  return Math.min(doubled, max) * 1000;
}
