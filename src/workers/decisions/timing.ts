/** The times of the pool that nobody configures, in milliseconds. */

import type { Supervision } from '../plan.ts';

export interface Timing {
  /** A worker that dies sooner after it became ready has died early, as one that never was. */
  readonly earlyDeathMs: number;
  /** How long a worker serves at least before it is recycled: a limit below its needs is no storm. */
  readonly recycleMsMin: number;
  /** Beyond `requestSeconds`, in which the worker itself should have ended the request. */
  readonly overdueGraceMs: number;
  /** Beyond `drainSeconds`, in which the worker itself should have ended. */
  readonly drainGraceMs: number;
  /** Time to end for a worker whose channel was closed. */
  readonly dismissMs: number;
}

export const defaultTiming: Timing = {
  earlyDeathMs: 10_000,
  recycleMsMin: 10_000,
  overdueGraceMs: 5_000,
  drainGraceMs: 2_000,
  dismissMs: 1_500,
};

/** The longest that a worker lives which is told to drain, seconds: it is aborted, and killed in the end. */
export function drainSecondsMax({ drainSeconds, abortSeconds }: Supervision): number {
  return drainSeconds + defaultTiming.drainGraceMs / 1000 + abortSeconds;
}
