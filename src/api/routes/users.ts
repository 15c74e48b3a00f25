/** Users: listed, made, shown, changed, deleted and searched. A password goes in and never out. */

import { z } from 'zod';
import { everything } from '../../stores/filter.ts';
import { storableText } from '../check-input.ts';
import type { Searchable } from '../criteria.ts';
import { duplicateResource, invalidValue } from '../failures.ts';
import { created, Failure, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { newLoginProblem } from '../people/documents.ts';
import { type Route, route } from '../route.ts';
import { searchRoutes } from '../search-routes.ts';
import { changeUser, hashOf } from './change-user.ts';
import { lastSuperUser, missingUser, showUser, userSchema } from './show-user.ts';

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
      summary: 'Changes the name, the password or the roles of a user, or disables them',
      body: z.strictObject({
        delta: z.strictObject({
          name,
          password,
          roles: z.array(z.string()).nullish(),
          disabled: z.boolean().nullish(),
        }),
      }),
      answer: { status: 200, schema: userSchema },
      refusals: [404],
      handle: ({ params: { login }, body: { delta }, caller }) =>
        changeUser(login, delta, caller, parts),
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
  const problem = newLoginProblem(login);
  if (problem !== undefined) return invalidValue('login', problem);
  const hash = await hashOf(body.password, parts);
  if (hash instanceof Failure) return hash;
  const user = await parts.people.users.create({
    login,
    name: name ?? login,
    password: hash ?? null,
  });
  return user === undefined ? duplicateResource(login) : created(showUser(user));
}
