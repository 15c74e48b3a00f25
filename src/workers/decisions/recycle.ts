/** When a worker has served long enough. */

import type { Supervision } from '../plan.ts';
import type { RestartCause, WorkerState } from './pool-state.ts';
import type { Timing } from './timing.ts';

/** The limits of one worker. Infinity: never. */
export interface RecycleLimits {
  readonly requests: number;
  readonly ageMs: number;
  readonly memoryBytes: number;
}

/** @param random from 0 to below 1; the limits differ by it, so that not all workers go at once */
export function recycleLimits(
  { requests, ageSeconds, memoryBytes, jitter }: Supervision['recycle'],
  random: number,
): RecycleLimits {
  const factor = 1 + jitter * (2 * random - 1);
  const limit = (value: number): number => (value === 0 ? Infinity : Math.max(1, value * factor));
  return {
    requests: limit(requests),
    ageMs: limit(ageSeconds * 1000),
    memoryBytes: limit(memoryBytes),
  };
}

/** The limit that a serving worker has reached, if any. */
export function recycleCause(
  { limits, readyAt, report, phase }: WorkerState,
  now: number,
  timing: Timing,
): RestartCause | undefined {
  if (phase !== 'serving' || readyAt === undefined) return undefined;
  const age = now - readyAt;
  if (age < timing.recycleMsMin) return undefined;
  if (report !== undefined && report.requests >= limits.requests) return 'requests';
  if (report !== undefined && report.rssBytes >= limits.memoryBytes) return 'memory';
  return age >= limits.ageMs ? 'age' : undefined;
}
