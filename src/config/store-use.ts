/** Whether there is a store, and who changes it. */

import type { Configuration, PoolConfiguration } from './configuration.ts';

/** Whether a role of the pool changes what is in the store; content does where a rule has to count. */
export function writesStore({ roles }: Pick<PoolConfiguration, 'roles'>): boolean {
  return roles.some((role) => role !== 'content');
}

/** Whether there is a store whose deny-list and publications count, though no rule names users or roles of it. */
export function hasStore({ store, pools }: Pick<Configuration, 'store' | 'pools'>): boolean {
  return store.isNamed || pools.some(writesStore);
}
