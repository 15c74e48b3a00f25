/** Makes the users and roles of a Pulp 2 in the store. */

import { timingSafeEqual } from 'node:crypto';
import { newLoginProblem, newRoleIdProblem } from '../api/people/documents.ts';
import { openPeople, type People } from '../api/people/people.ts';
import { matchesPulpHash, parsePulpHash } from '../identity/pulp-hash.ts';
import { readResource } from '../people/resource.ts';
import { superUsersRole } from '../people/super-users.ts';
import type { ExportedPeople, ExportedPermission, ExportedUser } from '../pulp2-import/people.ts';
import type { Store } from '../stores/store.ts';

export interface ImportedPeople {
  /** How many there were not before. */
  readonly users: number;
  readonly roles: number;
  /** What did not come along, a sentence each without its full stop. */
  readonly losses: readonly string[];
}

/**
 * Who is there already stays as before; whom an earlier import has left unfinished is finished.
 *
 * @throws PortcullisError STORE_… when the store cannot be used; once more is right then
 */
export async function importPeople(
  store: Store,
  { users, roles }: ExportedPeople,
): Promise<ImportedPeople> {
  const people = openPeople(store, () => new Date());
  const losses: string[] = [];
  let made = 0;
  for (const role of roles) {
    if (role.id !== superUsersRole && (await importRole(people, role, losses))) made += 1;
  }
  let count = 0;
  for (const user of users) if (await importUser(people, user, losses)) count += 1;
  return { users: count, roles: made, losses };
}

/** @returns whether it was made */
async function importRole(
  { roles }: People,
  { id, displayName, description, permissions }: ExportedPeople['roles'][number],
  losses: string[],
): Promise<boolean> {
  const who = `the role ${JSON.stringify(id)}`;
  const problem = newRoleIdProblem(id);
  if (problem !== undefined) {
    losses.push(`${who}: ${problem}`);
    return false;
  }
  const role = await roles.create({ id, display_name: displayName, description });
  if (role === undefined) {
    losses.push(`${who}: there is one already, which stays as it is`);
    return false;
  }
  await grantAll(permissions, who, losses, (resource, operations) =>
    roles.grant(role, resource, operations),
  );
  return true;
}

/** @returns whether the user was made */
async function importUser(
  { users, roles }: People,
  exported: ExportedUser,
  losses: string[],
): Promise<boolean> {
  const { login, name } = exported;
  const who = `the user ${JSON.stringify(login)}`;
  const problem = newLoginProblem(login);
  if (problem !== undefined) {
    losses.push(`${who}: ${problem}`);
    return false;
  }
  const password = await passwordOf(exported, who, losses);
  const made = await users.create({ login, name, password });
  const user = made ?? (await users.byLogin(login));
  if (user === undefined || (made === undefined && !isSameHash(user.password, password))) {
    losses.push(`${who}: there is one already, who stays as before`);
    return false;
  }
  await grantAll(exported.permissions, who, losses, (resource, operations) =>
    users.grant(user, resource, operations),
  );
  for (const id of exported.roles) {
    const role = await roles.byId(id);
    if (role === undefined || (await roles.addMember(role, user)) !== 'done') {
      losses.push(`${who}: there is no role ${JSON.stringify(id)} to be a member of`);
    }
  }
  return made !== undefined;
}

/** Whoever has the very hash of the export was made of it. */
function isSameHash(one: string | null, other: string | null): boolean {
  if (one === null || other === null) return false;
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}

/** The password that every Pulp 2 has for its first user until somebody changes it (T58). */
const defaultPassword = Buffer.from('admin');

async function passwordOf(
  { password }: ExportedUser,
  who: string,
  losses: string[],
): Promise<string | null> {
  if (password === null) return null;
  const hash = parsePulpHash(password);
  if (hash === undefined) {
    losses.push(`${who}: the password is kept in a form that is not known; set another`);
    return null;
  }
  if (!(await matchesPulpHash(defaultPassword, hash))) return password;
  losses.push(`${who}: the password is the one that everybody knows; set another`);
  return null;
}

type Granting = (
  resource: Parameters<People['users']['grant']>[1],
  operations: ExportedPermission['operations'],
) => Promise<'done' | 'full' | 'missing'>;

async function grantAll(
  permissions: readonly ExportedPermission[],
  who: string,
  losses: string[],
  grant: Granting,
): Promise<void> {
  for (const { resource: text, operations } of permissions) {
    const read = readResource(text);
    const shown = `${operations.join(', ')} on ${JSON.stringify(text)}`;
    if ('problem' in read) losses.push(`${who}: ${shown}: ${read.problem}`);
    else if ((await grant(read.resource, operations)) !== 'done') {
      losses.push(`${who}: ${shown}: there are too many grants`);
    }
  }
}
