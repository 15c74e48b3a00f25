/** The pools of a configuration, the one that its top level describes first. */

import type { Configuration, PoolConfiguration } from './configuration.ts';
import { mainPool, type NamedPool, type PoolSettings } from './settings/pools.ts';

/** @param main the top level, where it has a listener */
export function resolvePools(
  main: PoolSettings,
  further: readonly NamedPool[],
): readonly PoolConfiguration[] {
  return [{ name: mainPool, settings: main }, ...further].map(resolvePool);
}

/** The pool that the top level of the file describes; every configuration has it. */
export function mainPoolOf({ pools }: Pick<Configuration, 'pools'>): PoolConfiguration {
  const [main] = pools;
  if (main === undefined) throw new Error('the configuration has lost its main pool');
  return main;
}

/** Where the settings of a pool stand in the file, as `pools.blog.listen`. */
export function placeInPool(pool: string, setting: string): string {
  return pool === mainPool ? setting : `pools.${pool}.${setting}`;
}

function resolvePool({ name, settings }: NamedPool): PoolConfiguration {
  const { roles, application, workers, listen } = settings;
  return {
    name,
    roles: roles ?? (application === undefined ? ['content'] : []),
    application,
    workers,
    listen,
  };
}
