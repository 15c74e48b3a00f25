/** Whether a caller may do something with a resource. */

import { type Asker, isAllowed } from '../people/grant.ts';
import type { Operation } from '../people/operation.ts';
import type { Resource } from '../people/resource.ts';
import type { Caller } from './caller.ts';
import { unauthenticated } from './failures.ts';
import type { Failure } from './outcome.ts';
import { grantsOf } from './people/grants.ts';
import type { People } from './people/people.ts';

/** Undefined when the caller may. */
export type Refuse = (operation: Operation, resource: Resource) => Failure | undefined;

/** What a caller may at this moment: the store is asked once for any number of questions. */
export async function rightsOf(
  { login, user }: Caller,
  people: Pick<People, 'superUsers' | 'roles'>,
): Promise<Refuse> {
  const isSuperUser = (await people.superUsers.active()).has(user._id);
  const roles = user.roles.length === 0 ? [] : await people.roles.byIds(user.roles);
  const holders = [user, ...roles];
  const asker: Asker = { isSuperUser, holders: holders.map(({ _id }) => _id) };
  const grants = holders.flatMap(grantsOf);
  return (operation, resource) =>
    isAllowed(asker, operation, resource, grants)
      ? undefined
      : unauthenticated('permission_denied', { user: login, operation });
}
