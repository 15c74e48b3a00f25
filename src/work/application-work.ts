/** The work of a pool with a Node application: its modules answer, and decide who may read what. */

import type { ModuleApplication } from '../config/configuration.ts';
import { placeInPool } from '../config/pools.ts';
import { messageOf } from '../errors.ts';
import { openNodeApplication } from '../listeners/node-application.ts';
import type { RoleWork, WorkParts } from './work.ts';

/** @param opened gets what has to be closed in the end */
export async function openApplicationWork(
  modules: ModuleApplication,
  { configuration, pool, log }: WorkParts,
  opened: AsyncDisposableStack,
): Promise<RoleWork> {
  const application = await openNodeApplication(modules, {
    baseDirectory: configuration.baseDirectory,
    at: placeInPool(pool.name, 'application'),
    onCloseFailed: (error) => {
      log.error('An application did not close', { reason: messageOf(error), error });
    },
  });
  opened.defer(() => application.close());
  return {
    serve: () => application.listener,
    certificates: [],
    problems: application.problems,
  };
}
