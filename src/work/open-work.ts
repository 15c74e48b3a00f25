/** What each role of a pool is: a role that workers get is a row of the table here. */

import type { PoolConfiguration, Role } from '../config/configuration.ts';
import type { RequestRole } from '../metrics/labels.ts';
import { openApplicationWork } from './application-work.ts';
import { openContentWork } from './content-work.ts';
import type { OpenedWork, OpenWork, WorkParts } from './work.ts';

/** What each role of Portcullis itself does. */
const roles: Readonly<Record<Role, OpenWork>> = { content: openContentWork };

/** As what the requests of a pool are counted: it has one role, or an application. */
export function requestRoleOf({
  application,
  roles: [role = 'content'],
}: PoolConfiguration): RequestRole {
  return application === undefined ? role : 'application';
}

/** @param opened gets what has to be closed in the end */
export function openWork(parts: WorkParts, opened: AsyncDisposableStack): Promise<OpenedWork> {
  const {
    application,
    roles: [role = 'content'],
  } = parts.pool;
  if (application !== undefined) return openApplicationWork(application, parts, opened);
  return roles[role](parts, opened);
}
