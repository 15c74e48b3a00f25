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
export async function authorize(
  { login, user }: Caller,
  operation: Operation,
  resource: Resource,
  people: Pick<People, 'superUsers' | 'roles'>,
): Promise<Failure | undefined> {
  const isSuperUser = (await people.superUsers.active()).has(user._id);
  const roles = user.roles.length === 0 ? [] : await people.roles.byIds(user.roles);
  const holders = [user, ...roles];
  const asker: Asker = { isSuperUser, holders: holders.map(({ _id }) => _id) };
  if (isAllowed(asker, operation, resource, holders.flatMap(grantsOf))) return undefined;
  return unauthenticated('permission_denied', { user: login, operation });
}
