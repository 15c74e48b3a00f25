/** Whether the instance lives, and whether it can take requests. */

import type { PrimaryStatus } from './status.ts';

export interface Health {
  readonly ok: boolean;
  /** What is wrong, for people. */
  readonly reasons: readonly string[];
}

/** That the primary answers at all is half of it; the other half is that it has a worker. */
export function livenessOf({ workers }: PrimaryStatus): Health {
  const living = workers.filter(({ pid }) => pid !== 0);
  return health(living.length === 0 ? ['no worker is running'] : []);
}

export function readinessOf({ state, pools }: PrimaryStatus): Health {
  const unserved = pools.filter(({ serving }) => serving === 0);
  return health([
    ...(state === 'stopping' ? ['it is stopping'] : []),
    ...unserved.map(({ name }) => `the pool ${name} has no worker that serves`),
  ]);
}

function health(reasons: readonly string[]): Health {
  return { ok: reasons.length === 0, reasons };
}
