/** What the primary is to run, made from a configuration. */

import type { Account, Configuration, PoolConfiguration } from '../config/configuration.ts';
import type { ConfigurationSnapshot, RightConfiguration } from '../config/load.ts';
import { tlsSocketMode } from '../config/tls-socket-mode.ts';
import { workerCount } from '../config/worker-count.ts';
import { stopSecondsMax } from '../tasks/timing.ts';
import type { InstancePlan, ListenerPlan, Owner, PoolPlan, Supervision } from '../workers/plan.ts';

/** What a worker is started with besides its own part. */
export interface WorkerPayload {
  readonly snapshot: ConfigurationSnapshot;
  /** The name that an emperor gives the instance, for the lines of the log. */
  readonly vassal?: string;
}

/** Resolves names of users and groups. */
export type FindOwner = (user: Account | undefined, group: Account | undefined) => Owner;

/** @throws what `findOwner` throws of a user or group that does not exist */
export function planOf(
  { configuration, snapshot }: RightConfiguration,
  findOwner: FindOwner,
  vassal?: string,
): InstancePlan {
  const payload: WorkerPayload = vassal === undefined ? { snapshot } : { snapshot, vassal };
  return {
    pools: configuration.pools.map((pool) => poolPlan(pool, findOwner)),
    supervision: supervisionOf(configuration),
    payload,
  };
}

/**
 * V8 gives what is made and thrown away 48 MiB before it looks through it, which the many small requests for
 * content are the faster by. Bytes that are passed on have no use for it.
 */
const smallYoungGeneration = ['--max-semi-space-size=1'];

function poolPlan(pool: PoolConfiguration, findOwner: FindOwner): PoolPlan {
  const { name, workers, listen, roles, application } = pool;
  const { uwsgi, http, tls } = listen;
  const behindFront = { uwsgi, http };
  const listeners = Object.entries(behindFront).flatMap(([listener, settings]): ListenerPlan[] => {
    if (settings === undefined) return [];
    const { address, sockets, mode, owner, group } = settings;
    return [{ name: listener, address, sockets, mode, owner: findOwner(owner, group) }];
  });
  if (tls !== undefined) {
    const { address, sockets } = tls;
    const owner = findOwner(undefined, undefined);
    listeners.push({ name: 'tls', address, sockets, mode: tlsSocketMode, owner });
  }
  const isBusy = application !== undefined || roles.includes('content');
  return {
    ...{ name, workers: workerCount(workers), listeners },
    ...(!isBusy && { nodeArguments: smallYoungGeneration }),
  };
}

const mebibyte = 1024 * 1024;

function supervisionOf({ supervision, limits, pools }: Configuration): Supervision {
  const { recycle, memoryMebibytesMax, ...times } = supervision;
  const { memoryMebibytes, ...otherLimits } = recycle;
  const hasTasks = pools.some(({ roles }) => roles.includes('tasks'));
  return {
    ...times,
    drainSeconds: Math.max(limits.drainSeconds, hasTasks ? stopSecondsMax : 0),
    requestSeconds: limits.requestSeconds,
    recycle: { ...otherLimits, memoryBytes: memoryMebibytes * mebibyte },
    memoryBytesMax: memoryMebibytesMax * mebibyte,
  };
}
