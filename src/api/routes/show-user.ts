/** A user as the API shows it, and what it says of one who is not there or has to stay. */

import { z } from 'zod';
import { superUsersRole } from '../../people/super-users.ts';
import { objectId, objectIdSchema } from '../criteria.ts';
import { invalidValue, missingResource, refusedValue } from '../failures.ts';
import type { Failure } from '../outcome.ts';
import type { User } from '../people/documents.ts';
import { hrefOf } from '../route.ts';
import { quoted } from '../value-problem.ts';

export const userSchema = z.strictObject({
  _id: objectIdSchema,
  id: z.string(),
  login: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  /** Ours: Pulp has no such users. */
  disabled: z.literal(true).optional(),
  _ns: z.literal('users'),
  _href: z.string(),
});

export function showUser({ _id, login, name: shown, roles, isDisabled }: User) {
  const _href = hrefOf('/v2/users/{login}/', { login });
  const disabled = isDisabled && { disabled: true };
  return {
    _id: objectId(_id),
    id: _id,
    login,
    name: shown,
    roles,
    ...disabled,
    _ns: 'users',
    _href,
  };
}

export function missingUser(login: string): Failure {
  return missingResource({ user: login });
}

/** Of a body, where {@link missingUser} is of a path. */
export function unknownUser(login: string): Failure {
  return invalidValue('login', `there is no user ${quoted(login)}`);
}

export function inactiveUser(property: string, login: string): Failure {
  const text = `A disabled user cannot get the role ${superUsersRole}: ${login}`;
  return refusedValue(property, text);
}

export function lastSuperUser(login: string): Failure {
  return refusedValue(
    'login',
    `The last user of the role ${superUsersRole} cannot be deleted, disabled or removed from it: ${login}`,
  );
}
