/** Users, roles and permissions of Pulp 2, from exports of its database. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Operation, operationOfNumber, orderOperations } from '../people/operation.ts';
import { type ExportedFields, fieldsOf, readExport } from './exports.ts';

export interface ExportedPermission {
  /** As Pulp has it, which may be anything. */
  readonly resource: string;
  readonly operations: readonly Operation[];
}

export interface ExportedRole {
  readonly id: string;
  readonly displayName: string | null;
  readonly description: string | null;
  readonly permissions: readonly ExportedPermission[];
}

export interface ExportedUser {
  readonly login: string;
  readonly name: string;
  /** As Pulp has it; null for a user of another directory. */
  readonly password: string | null;
  /** Ids. */
  readonly roles: readonly string[];
  /** What the user has besides that of the roles. */
  readonly permissions: readonly ExportedPermission[];
}

export interface ExportedPeople {
  readonly users: readonly ExportedUser[];
  readonly roles: readonly ExportedRole[];
}

/**
 * @param directory of `users.json`, and of `roles.json` and `permissions.json` where these are known
 * @throws PortcullisError FILE_UNREADABLE when a file cannot be read, or is of something else
 */
export async function readPeople(directory: string): Promise<ExportedPeople> {
  const [usersFile, rolesFile, permissionsFile] = ['users', 'roles', 'permissions'].map((name) =>
    path.join(directory, `${name}.json`),
  ) as [string, string, string];
  const roles = existsSync(rolesFile) ? await readExport(rolesFile, 'roles', roleOf) : [];
  const held = new Map<string, ExportedPermission[]>();
  if (existsSync(permissionsFile)) {
    await readExport(permissionsFile, 'permissions', (each) => addHeld(held, each));
  }
  const users = await readExport(usersFile, 'users', (document) => {
    const user = userOf(document);
    return user && { ...user, permissions: ownOf(held.get(user.login) ?? [], user.roles, roles) };
  });
  return { users, roles };
}

function roleOf(document: ExportedFields): ExportedRole | undefined {
  const { id, display_name: displayName, description, permissions = [] } = document;
  if (typeof id !== 'string' || !Array.isArray(permissions)) return undefined;
  const read = permissions.map((each) => {
    const { resource, permission } = fieldsOf(each);
    return permissionOf(resource, permission);
  });
  if (!read.every((each) => each !== undefined)) return undefined;
  return {
    id,
    displayName: typeof displayName === 'string' ? displayName : null,
    description: typeof description === 'string' ? description : null,
    permissions: read,
  };
}

function userOf(document: ExportedFields): Omit<ExportedUser, 'permissions'> | undefined {
  const { login, name, password, roles = [] } = document;
  if (typeof login !== 'string' || !Array.isArray(roles)) return undefined;
  if (!roles.every((role) => typeof role === 'string')) return undefined;
  return {
    login,
    name: typeof name === 'string' ? name : login,
    password: typeof password === 'string' ? password : null,
    roles,
  };
}

/** A document has a resource and all users who hold something on it. */
function addHeld(
  held: Map<string, ExportedPermission[]>,
  { resource, users }: ExportedFields,
): true | undefined {
  if (!Array.isArray(users)) return undefined;
  for (const { username, permissions } of users.map(fieldsOf)) {
    const permission = permissionOf(resource, permissions);
    if (typeof username !== 'string' || permission === undefined) return undefined;
    held.set(username, [...(held.get(username) ?? []), permission]);
  }
  return true;
}

function permissionOf(resource: unknown, numbers: unknown): ExportedPermission | undefined {
  if (typeof resource !== 'string' || !Array.isArray(numbers)) return undefined;
  const operations = numbers.map(operationOfNumber);
  if (!operations.every((operation) => operation !== undefined)) return undefined;
  return { resource, operations: orderOperations(operations) };
}

/** Pulp copies to each member what a role gives; what is left without those copies is the user's own. */
function ownOf(
  held: readonly ExportedPermission[],
  ids: readonly string[],
  roles: readonly ExportedRole[],
): readonly ExportedPermission[] {
  const copied = roles.filter(({ id }) => ids.includes(id)).flatMap((role) => role.permissions);
  return held.flatMap(({ resource, operations }) => {
    const ofRoles = copied.filter((each) => each.resource === resource);
    const own = operations.filter(
      (operation) => !ofRoles.some((each) => each.operations.includes(operation)),
    );
    return own.length === 0 ? [] : { resource, operations: own };
  });
}
