/** Users: listed, made, shown, changed, deleted and searched. A password goes in and never out. */

import { z } from 'zod';
import { roleChanges } from '../../people/role-changes.ts';
import { superUsersRole } from '../../people/super-users.ts';
import { everything } from '../../stores/filter.ts';
import { authorize } from '../authorize.ts';
import type { Caller } from '../caller.ts';
import { storableText } from '../check-input.ts';
import { objectId, type Searchable } from '../criteria.ts';
import { duplicateResource, invalidValues, missingResource, refusedValue } from '../failures.ts';
import { created, Failure, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { hashPassword } from '../password-check.ts';
import { isLogin, type User } from '../people/documents.ts';
import type { People } from '../people/people.ts';
import type { UserDelta } from '../people/users.ts';
import { hrefOf, type Route, route } from '../route.ts';
import { searchRoutes } from '../search-routes.ts';

export const userSchema = z.strictObject({
  _id: z.strictObject({ $oid: z.string() }),
  id: z.string(),
  login: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  _ns: z.literal('users'),
  _href: z.string(),
});

const name = storableText.nullish();
const password = z.string().nullish();

/** The hash of a password is not among them: it could be found out letter by letter. */
const searchable: Searchable = {
  fields: new Map([
    ['_id', '_id'],
    ['id', '_id'],
    ['login', 'login'],
    ['name', 'name'],
    ['roles', 'roles'],
  ]),
  always: ['_id', 'id', 'login', '_href'],
};

export function createUserRoutes(parts: ApiParts): Route[] {
  const { users } = parts.people;
  return [
    route({
      method: 'GET',
      path: '/v2/users/',
      operation: 'READ',
      summary: 'All users',
      answer: { status: 200, schema: z.array(userSchema) },
      handle: async () =>
        ok((await users.find({ filter: everything, sort: [['login', 1]] })).map(showUser)),
    }),
    route({
      method: 'POST',
      path: '/v2/users/',
      operation: 'CREATE',
      summary: 'Makes a user, who may log in and change what is their own',
      body: z.strictObject({ login: z.string(), password, name }),
      answer: { status: 201, schema: userSchema },
      refusals: [409],
      handle: ({ body }) => createUser(body, parts),
    }),
    ...searchRoutes('/v2/users/search/', 'Users that the criteria mean', {
      searchable,
      result: userSchema,
      find: async (query) => (await users.find(query)).map(showUser),
    }),
    ...createOneUserRoutes(parts),
  ];
}

function createOneUserRoutes(parts: ApiParts): Route[] {
  const { users, sessions } = parts.people;
  const path = '/v2/users/{login}/';
  return [
    route({
      method: 'GET',
      path,
      operation: 'READ',
      summary: 'One user',
      answer: { status: 200, schema: userSchema },
      refusals: [404],
      handle: async ({ params: { login } }) => {
        const user = await users.byLogin(login);
        return user === undefined ? missingUser(login) : ok(showUser(user));
      },
    }),
    route({
      method: 'PUT',
      path,
      operation: 'UPDATE',
      summary: 'Changes the name, the password or the roles of a user',
      body: z.strictObject({
        delta: z.strictObject({ name, password, roles: z.array(z.string()).nullish() }),
      }),
      answer: { status: 200, schema: userSchema },
      refusals: [404],
      handle: ({ params: { login }, body: { delta }, caller }) =>
        updateUser(login, delta, caller, parts),
    }),
    route({
      method: 'DELETE',
      path,
      operation: 'DELETE',
      summary: 'Deletes a user with all grants and sessions',
      answer: { status: 200, schema: z.null() },
      refusals: [404],
      handle: async ({ params: { login } }) => {
        const user = await users.byLogin(login);
        if (user === undefined) return missingUser(login);
        const outcome = await users.delete(user, sessions);
        if (outcome === 'last') return lastSuperUser(login);
        return outcome === 'missing' ? missingUser(login) : ok(null);
      },
    }),
  ];
}

async function createUser(
  body: {
    readonly login: string;
    readonly password?: string | null | undefined;
    readonly name?: string | null | undefined;
  },
  parts: ApiParts,
): Promise<Outcome> {
  const { login, name } = body;
  if (!isLogin(login)) return invalidValues(['login']);
  const hash = await hashOf(body.password, parts);
  if (hash instanceof Failure) return hash;
  const user = await parts.people.users.create({
    login,
    name: name ?? login,
    password: hash ?? null,
  });
  return user === undefined ? duplicateResource(login) : created(showUser(user));
}

async function updateUser(
  login: string,
  delta: {
    readonly name?: string | null | undefined;
    readonly password?: string | null | undefined;
    readonly roles?: readonly string[] | null | undefined;
  },
  caller: Caller,
  parts: ApiParts,
): Promise<Outcome> {
  const { people } = parts;
  const user = await people.users.byLogin(login);
  if (user === undefined) return missingUser(login);
  const roles = delta.roles == null ? undefined : [...new Set(delta.roles)];
  if (roles !== undefined) {
    const refusal = await refuseRoles(user, roles, caller, people);
    if (refusal !== undefined) return refusal;
  }
  const hash = await hashOf(delta.password, parts);
  if (hash instanceof Failure) return hash;
  const checked: UserDelta = {
    ...(delta.name != null && { name: delta.name }),
    ...(hash !== undefined && { password: hash }),
    ...(roles !== undefined && { roles }),
  };
  const updated = await people.users.update(user, checked);
  if (updated === 'last') return lastSuperUser(login);
  return updated === 'missing' ? missingUser(login) : ok(showUser(updated));
}

/** Of nothing, nothing. */
async function hashOf(
  text: string | null | undefined,
  parts: ApiParts,
): Promise<string | undefined | Failure> {
  if (text == null) return undefined;
  return (await hashPassword(text, parts)) ?? invalidValues(['password']);
}

/**
 * Everybody may change their own user, and nobody may give themselves a role by it: that takes what
 * the routes of the role itself ask for.
 */
async function refuseRoles(
  user: User,
  roles: readonly string[],
  caller: Caller,
  people: People,
): Promise<Failure | undefined> {
  if (roles.length > rolesMax) return invalidValues(['roles']);
  const found = new Set((await people.roles.byIds(roles)).map(({ id }) => id));
  if (roles.some((id) => !found.has(id))) return invalidValues(['roles']);
  for (const { operation, resource } of roleChanges(user.roles, roles).needed) {
    const refusal = await authorize(caller, operation, resource, people);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Roles of one user. */
const rolesMax = 500;

export function showUser({ _id, login, name: shown, roles }: User) {
  const _href = hrefOf('/v2/users/{login}/', { login });
  return { _id: objectId(_id), id: _id, login, name: shown, roles, _ns: 'users', _href };
}

export function missingUser(login: string): Failure {
  return missingResource({ user: login });
}

export function lastSuperUser(login: string): Failure {
  return refusedValue(
    'login',
    `The last user of the role ${superUsersRole} cannot be deleted or removed from it: ${login}`,
  );
}
