/** Denials of nodes: made, and looked at for what could turn them. */

import type { Challenge } from '../plugin.ts';
import type { Denial } from './decision.ts';

/** Whether other credentials, or waiting, could make an allow of it. */
export function isTurnable({ challenges, retryAfterSeconds }: Denial): boolean {
  return challenges.length > 0 || retryAfterSeconds !== undefined;
}

/** Seconds until the first of them may be asked again; undefined where none is about time. */
export function shortestWait(denials: readonly Denial[]): number | undefined {
  const waits = denials.flatMap(({ retryAfterSeconds }) => retryAfterSeconds ?? []);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

export function deny(
  reason: string,
  how: {
    readonly challenges?: readonly Challenge[];
    readonly retryAfterSeconds?: number | undefined;
  } = {},
): Denial {
  const { challenges = [], retryAfterSeconds } = how;
  return { outcome: 'deny', reason, challenges, retryAfterSeconds };
}
