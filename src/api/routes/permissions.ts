/** Permissions: what is granted where, and granting and revoking it. */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Grant } from '../../people/grant.ts';
import { type Operation, operations, readOperation } from '../../people/operation.ts';
import { permissionsView, type ResourcePermissions } from '../../people/permissions-view.ts';
import { type Resource, readResource } from '../../people/resource.ts';
import { superUsersRole } from '../../people/super-users.ts';
import { everything } from '../../stores/filter.ts';
import { where } from '../../stores/parse-filter.ts';
import { objectId, objectIdSchema } from '../criteria.ts';
import { invalidValues, refusedValue } from '../failures.ts';
import { Failure, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { grantsMax } from '../people/documents.ts';
import { grantsOf } from '../people/grants.ts';
import type { People } from '../people/people.ts';
import { one, type Route, type RoutePath, route } from '../route.ts';
import { quoted, type ValueProblem } from '../value-problem.ts';
import { missingRole, superUsersFixed } from './role-refusals.ts';
import { missingUser } from './show-user.ts';

const permissionSchema = z.strictObject({
  _id: objectIdSchema,
  id: z.string(),
  resource: z.string(),
  users: z.record(z.string(), z.array(z.enum(operations))),
  _ns: z.literal('permissions'),
});

const granted = { resource: z.string(), operations: z.array(z.string()) };

export function createPermissionRoutes({ people }: Pick<ApiParts, 'people'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v2/permissions/',
      operation: 'READ',
      summary: 'What is granted at a resource, or at all, to users and to the members of roles',
      query: { resource: one(z.string()) },
      answer: { status: 200, schema: z.array(permissionSchema) },
      handle: async ({ query }) => ok(await listPermissions(query.resource, people)),
    }),
    ...(['grant', 'revoke'] as const).flatMap((change) => [
      userRoute(change, people),
      roleRoute(change, people),
    ]),
  ];
}

type Change = 'grant' | 'revoke';

const words = { grant: ['Grants', 'to'], revoke: ['Revokes', 'from'] } as const;

function userRoute(change: Change, { users }: People): Route {
  return route({
    method: 'POST',
    path: pathOf(change, 'user'),
    operation: 'EXECUTE',
    summary: `${words[change][0]} operations on a resource ${words[change][1]} a user`,
    body: z.strictObject({ login: z.string(), ...granted }),
    answer: { status: 200, schema: z.null() },
    refusals: [404],
    handle: async ({ body }) => {
      const read = readGrant(body);
      if (read instanceof Failure) return read;
      const user = await users.byLogin(body.login);
      if (user === undefined) return missingUser(body.login);
      const outcome = await users[change](user, read.resource, read.operations);
      return outcome === 'missing' ? missingUser(body.login) : changed(outcome);
    },
  });
}

function roleRoute(change: Change, { roles }: People): Route {
  return route({
    method: 'POST',
    path: pathOf(change, 'role'),
    operation: 'EXECUTE',
    summary: `${words[change][0]} operations on a resource ${words[change][1]} a role`,
    body: z.strictObject({ role_id: z.string(), ...granted }),
    answer: { status: 200, schema: z.null() },
    refusals: [404],
    handle: async ({ body }) => {
      const { role_id: id } = body;
      if (id === superUsersRole) return superUsersFixed('role_id');
      const read = readGrant(body);
      if (read instanceof Failure) return read;
      const role = await roles.byId(id);
      if (role === undefined) return missingRole(id);
      const outcome = await roles[change](role, read.resource, read.operations);
      return outcome === 'missing' ? missingRole(id) : changed(outcome);
    },
  });
}

function pathOf(change: Change, holder: 'user' | 'role'): RoutePath {
  return `/v2/permissions/actions/${change}_${words[change][1]}_${holder}/`;
}

function changed(outcome: 'done' | 'full'): Outcome {
  if (outcome === 'done') return ok(null);
  return refusedValue('resource', `There are ${grantsMax} grants, and no more are possible.`);
}

function readGrant(body: {
  readonly resource: string;
  readonly operations: readonly string[];
}): { readonly resource: Resource; readonly operations: readonly Operation[] } | Failure {
  const resource = readResource(body.resource);
  const read = body.operations.map(readOperation);
  const known = read.filter((operation) => operation !== undefined);
  const unknown = body.operations.find((operation) => readOperation(operation) === undefined);
  const wrong: readonly ValueProblem[] = [
    ...('problem' in resource ? [{ property: 'resource', problem: resource.problem }] : []),
    ...(unknown === undefined ? [] : [{ property: 'operations', problem: noOperation(unknown) }]),
  ];
  if (wrong.length > 0 || 'problem' in resource) return invalidValues(wrong);
  return { resource: resource.resource, operations: known };
}

function noOperation(text: string): string {
  return `${quoted(text)} is none of ${operations.join(', ')}`;
}

/** What no resource can be called has nothing granted, as what is not there. */
async function listPermissions(text: string | undefined, people: People) {
  const read = text === undefined ? undefined : readResource(text);
  if (read !== undefined && 'problem' in read) return [];
  const filter = read === undefined ? everything : where({ 'grants.resource': read.resource });
  const users = await people.users.find({ filter });
  const roles = await people.roles.find({ filter });
  const members = await people.roles.membersOfAll(roles.map(({ id }) => id));
  const logins = new Map<string, readonly string[]>([
    ...users.map(({ _id, login }) => [_id, [login]] as const),
    ...roles.map(({ _id, id }) => [_id, members.get(id) ?? []] as const),
  ]);
  const grants: readonly Grant[] = [...users, ...roles].flatMap(grantsOf);
  return permissionsView(grants, logins)
    .filter(({ resource }) => read === undefined || resource === read.resource)
    .map(showPermissions);
}

function showPermissions({ resource, users }: ResourcePermissions) {
  // There is no document of it: the id is made of what identifies it, and is the same each time.
  const id = createHash('sha256').update(resource).digest('hex').slice(0, 24);
  return { _id: objectId(id), id, resource, users, _ns: 'permissions' };
}
