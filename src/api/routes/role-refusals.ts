/** What the API says of a role that is not there or has to stay as it is. */

import { superUsersRole } from '../../people/super-users.ts';
import { missingResource, refusedValue } from '../failures.ts';
import type { Failure } from '../outcome.ts';

export function missingRole(id: string): Failure {
  return missingResource({ role: id });
}

export function superUsersFixed(property: string): Failure {
  return refusedValue(property, `The role ${superUsersRole} cannot be changed or deleted.`);
}
