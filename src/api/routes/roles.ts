/** Roles, and who has them. */

import { z } from 'zod';
import { operations } from '../../people/operation.ts';
import { superUsersRole } from '../../people/super-users.ts';
import { everything } from '../../stores/filter.ts';
import { storableText } from '../check-input.ts';
import { objectId, objectIdSchema } from '../criteria.ts';
import { duplicateResource, invalidValue } from '../failures.ts';
import { created, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { newRoleIdProblem, type Role } from '../people/documents.ts';
import type { People } from '../people/people.ts';
import { hrefOf, type Route, route } from '../route.ts';
import { missingRole, superUsersFixed } from './role-refusals.ts';
import {
  inactiveUser,
  lastSuperUser,
  missingUser,
  showUser,
  unknownUser,
  userSchema,
} from './show-user.ts';

const roleSchema = z.strictObject({
  _id: objectIdSchema,
  id: z.string(),
  display_name: z.string().nullable(),
  description: z.string().nullable(),
  permissions: z.record(z.string(), z.array(z.enum(operations))),
  users: z.array(z.string()),
  _ns: z.literal('roles'),
  _href: z.string(),
});

const text = storableText.nullish();
const path = '/v2/roles/{role}/';

export function createRoleRoutes({ people }: Pick<ApiParts, 'people'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v2/roles/',
      operation: 'READ',
      summary: 'All roles',
      answer: { status: 200, schema: z.array(roleSchema) },
      handle: async () => {
        const roles = await people.roles.find({ filter: everything, sort: [['id', 1]] });
        const members = await people.roles.membersOfAll(roles.map(({ id }) => id));
        return ok(roles.map((role) => showRole(role, members.get(role.id) ?? [])));
      },
    }),
    route({
      method: 'POST',
      path: '/v2/roles/',
      operation: 'CREATE',
      summary: 'Makes a role',
      body: z.strictObject({ role_id: z.string(), display_name: text, description: text }),
      answer: { status: 201, schema: roleSchema },
      refusals: [409],
      handle: async ({ body }) => {
        const { role_id: id, display_name = null, description = null } = body;
        const problem = newRoleIdProblem(id);
        if (problem !== undefined) return invalidValue('role_id', problem);
        // As Pulp: a role without a name for people is called as it is identified.
        const role = await people.roles.create({
          id,
          display_name: display_name ?? id,
          description,
        });
        return role === undefined ? duplicateResource(id) : created(showRole(role, []));
      },
    }),
    ...createOneRoleRoutes(people),
    ...createMemberRoutes(people),
  ];
}

function createOneRoleRoutes(people: People): Route[] {
  const { roles } = people;
  return [
    route({
      method: 'GET',
      path,
      operation: 'READ',
      summary: 'One role',
      answer: { status: 200, schema: roleSchema },
      refusals: [404],
      handle: async ({ params }) => {
        const role = await roles.byId(params.role);
        return role === undefined ? missingRole(params.role) : showWithMembers(role, people);
      },
    }),
    route({
      method: 'PUT',
      path,
      operation: 'UPDATE',
      summary: 'Changes what a role says of itself',
      body: z.strictObject({
        delta: z.strictObject({ display_name: text, description: text }),
      }),
      answer: { status: 200, schema: roleSchema },
      refusals: [404],
      handle: async ({ params, body: { delta } }) => {
        const role = await roles.byId(params.role);
        if (role === undefined) return missingRole(params.role);
        if (role.id === superUsersRole) return superUsersFixed('role_id');
        const given = Object.entries(delta).filter(([, value]) => value != null);
        const updated = await roles.update(role, Object.fromEntries(given));
        return updated === undefined ? missingRole(role.id) : showWithMembers(updated, people);
      },
    }),
    route({
      method: 'DELETE',
      path,
      operation: 'DELETE',
      summary: 'Deletes a role: its members lose what it allowed',
      answer: { status: 200, schema: z.null() },
      refusals: [404],
      handle: async ({ params }) => {
        const role = await roles.byId(params.role);
        if (role === undefined) return missingRole(params.role);
        if (role.id === superUsersRole) return superUsersFixed('role_id');
        return (await roles.delete(role)) === 'missing' ? missingRole(role.id) : ok(null);
      },
    }),
  ];
}

function createMemberRoutes({ roles, users }: People): Route[] {
  return [
    route({
      method: 'GET',
      path: `${path}users/`,
      operation: 'READ',
      summary: 'The users who have the role',
      answer: { status: 200, schema: z.array(userSchema) },
      refusals: [404],
      handle: async ({ params }) => {
        const role = await roles.byId(params.role);
        if (role === undefined) return missingRole(params.role);
        return ok((await roles.members(role.id)).map(showUser));
      },
    }),
    route({
      method: 'POST',
      path: `${path}users/`,
      operation: 'UPDATE',
      summary: 'Gives the role to a user',
      body: z.strictObject({ login: z.string() }),
      answer: { status: 200, schema: z.null() },
      refusals: [404],
      handle: async ({ params, body: { login } }) => {
        const role = await roles.byId(params.role);
        if (role === undefined) return missingRole(params.role);
        const user = await users.byLogin(login);
        if (user === undefined) return unknownUser(login);
        const outcome = await roles.addMember(role, user);
        if (outcome === 'inactive') return inactiveUser('login', login);
        return outcome === 'missing' ? unknownUser(login) : ok(null);
      },
    }),
    route({
      method: 'DELETE',
      path: `${path}users/{login}/`,
      operation: 'DELETE',
      summary: 'Takes the role from a user',
      answer: { status: 200, schema: z.null() },
      refusals: [404],
      handle: async ({ params: { role: id, login } }) => {
        if ((await roles.byId(id)) === undefined) return missingRole(id);
        const user = await users.byLogin(login);
        if (user === undefined) return missingUser(login);
        return (await users.removeRole(user, id)) === 'last' ? lastSuperUser(login) : ok(null);
      },
    }),
  ];
}

async function showWithMembers(role: Role, { roles }: People): Promise<Outcome> {
  const logins = (await roles.members(role.id)).map(({ login }) => login);
  return ok(showRole(role, logins));
}

function showRole(role: Role, users: readonly string[]) {
  const { _id, id, display_name, description, grants } = role;
  const shown = id === superUsersRole ? [{ resource: '/', operations }] : grants;
  return {
    _id: objectId(_id),
    id,
    display_name,
    description,
    permissions: Object.fromEntries(shown.map((grant) => [grant.resource, grant.operations])),
    users,
    _ns: 'roles',
    _href: hrefOf(path, { role: id }),
  };
}
