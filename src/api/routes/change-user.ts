/** The change of a user: the name, the password, the roles, and whether anybody comes in as them. */

import { PortcullisError } from '../../errors.ts';
import { type RoleChanges, roleChanges } from '../../people/role-changes.ts';
import { superUsersRole } from '../../people/super-users.ts';
import { rightsOf } from '../authorize.ts';
import type { Caller } from '../caller.ts';
import { invalidValue } from '../failures.ts';
import { Failure, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { hashPassword } from '../password-check.ts';
import type { User } from '../people/documents.ts';
import type { People } from '../people/people.ts';
import type { UserDelta } from '../people/users.ts';
import { quoted } from '../value-problem.ts';
import { inactiveUser, lastSuperUser, missingUser, showUser } from './show-user.ts';

/** What is asked for; null stands for nothing. */
export interface AskedDelta {
  readonly name?: string | null | undefined;
  readonly password?: string | null | undefined;
  readonly roles?: readonly string[] | null | undefined;
  readonly disabled?: boolean | null | undefined;
}

/** Roles of one user. */
export const rolesMax = 500;

/** How often roles are looked at anew because somebody changed the user meanwhile. */
const triesMax = 20;

export async function changeUser(
  login: string,
  asked: AskedDelta,
  caller: Caller,
  parts: ApiParts,
): Promise<Outcome> {
  const { people } = parts;
  const hash = await hashOf(asked.password, parts);
  if (hash instanceof Failure) return hash;
  const fields = {
    ...(asked.name != null && { name: asked.name }),
    ...(hash !== undefined && { password: hash }),
  };
  let isTurned = asked.disabled == null;
  for (let tries = 0; tries < triesMax; tries += 1) {
    const user = await people.users.byLogin(login);
    if (user === undefined) return missingUser(login);
    const roles = await checkRoles(user, asked, caller, people);
    if (roles instanceof Failure) return roles;
    // It is refused for the last super-user: before anything else is changed.
    const change = isTurned
      ? await people.users.update(user, { ...fields, ...roles })
      : await turn(user, asked.disabled === true, people);
    if (change === 'last') return lastSuperUser(login);
    if (change === 'inactive') return inactiveUser('roles', login);
    if (isTurned && typeof change === 'object') {
      // Whoever had the old password may have sessions by it, and a session opens the next one.
      if (hash !== undefined) await people.sessions.closeAll(change._id, caller.session);
      return ok(showUser(change));
    }
    isTurned ||= typeof change === 'object';
  }
  const state = 'others change the user for too long';
  throw new PortcullisError('STORE_UNAVAILABLE', `Cannot change a user: ${state}`);
}

function turn(
  user: User,
  isDisabled: boolean,
  { users, sessions }: People,
): Promise<User | 'last' | 'missing'> {
  return isDisabled ? users.disable(user, sessions) : users.enable(user);
}

/** Of nothing, nothing. */
export async function hashOf(
  text: string | null | undefined,
  parts: Pick<ApiParts, 'passwords'>,
): Promise<string | undefined | Failure> {
  if (text == null) return undefined;
  return hashPassword(text, parts);
}

/**
 * Everybody may change their own user, and nobody may give themselves a role by it: that takes what
 * the routes of the role itself ask for.
 */
async function checkRoles(
  user: User,
  asked: AskedDelta,
  caller: Caller,
  people: People,
): Promise<Pick<UserDelta, 'roles' | 'superUser'> | Failure> {
  if (asked.roles == null) return {};
  const roles = [...new Set(asked.roles)];
  if (roles.length > rolesMax) return invalidValue('roles', `they are more than ${rolesMax}`);
  const found = new Set((await people.roles.byIds(roles)).map(({ id }) => id));
  const unknown = roles.find((id) => !found.has(id));
  if (unknown !== undefined) return invalidValue('roles', `there is no role ${quoted(unknown)}`);
  const changes = roleChanges(await presentRoles(user, people), roles);
  const refuse = await rightsOf(caller, people);
  for (const { operation, resource } of changes.needed) {
    const refusal = refuse(operation, resource);
    if (refusal !== undefined) return refusal;
  }
  const superUser = superUserChange(changes);
  const isDisabled = asked.disabled ?? user.isDisabled;
  if (superUser === 'joins' && isDisabled) return inactiveUser('roles', user.login);
  return { roles, ...(superUser !== undefined && { superUser }) };
}

/** Who is a super-user is said by the role; the user's own document may be a step behind. */
async function presentRoles(
  { _id, roles }: User,
  { superUsers }: People,
): Promise<readonly string[]> {
  const others = roles.filter((role) => role !== superUsersRole);
  return (await superUsers.has(_id)) ? [...others, superUsersRole] : others;
}

function superUserChange({ joined, left }: RoleChanges): UserDelta['superUser'] {
  if (joined.includes(superUsersRole)) return 'joins';
  return left.includes(superUsersRole) ? 'leaves' : undefined;
}
