/** The first administrator, made in the store itself: there is no password that everybody knows (T58). */

import { statSync } from 'node:fs';
import path from 'node:path';
import { openPeople } from '../api/people/people.ts';
import type { Configuration, StoreConfiguration } from '../config/configuration.ts';
import { PasswordHasher } from '../identity/password-hasher.ts';
import type { Password } from '../identity/password-text.ts';
import { superUsersRole } from '../people/super-users.ts';
import { dropPrivileges, type Identity, resolveIdentity } from '../workers/host/privileges.ts';
import { createControlPlane } from './control-plane.ts';

export interface NewAdministrator {
  readonly login: string;
  readonly password: Password;
}

/**
 * Makes a user who is a super-user. Whoever may write to the store may do so: at any time, and not
 * for the first one alone.
 *
 * @returns `taken` when there is a user of that login, who then is as before
 * @throws PortcullisError STORE_…, CONFIG_INVALID or FILE_UNREADABLE when the store cannot be used
 */
export async function createAdministrator(
  configuration: Pick<Configuration, 'store' | 'access'>,
  { login, password }: NewAdministrator,
): Promise<'created' | 'taken'> {
  await using controlPlane = createControlPlane(configuration, 'write');
  const { users } = openPeople(await controlPlane.store(), () => new Date());
  if ((await users.byLogin(login)) !== undefined) return 'taken';
  const passwords = new PasswordHasher({ queue: controlPlane.hashing });
  const hash = await passwords.hash(password, new AbortController().signal);
  const user = await users.create({ login, name: login, password: hash });
  if (user === undefined) return 'taken';
  await users.addRole(user, superUsersRole);
  return 'created';
}

/**
 * Root gives itself up for the user whom the store belongs to: nobody else could use what root makes.
 * Whoever else it is stays so.
 *
 * @throws PortcullisError START_REFUSED when that user does not exist, or root cannot become it
 */
export function becomeUserOfStore(configuration: Pick<Configuration, 'store' | 'process'>): void {
  if (process.geteuid?.() !== 0) return;
  const { user, group } = configuration.process;
  const identity = resolveIdentity(user, group) ?? ownerOfStore(configuration.store);
  if (identity !== undefined) dropPrivileges(identity);
}

/** A store of other hosts belongs to nobody here; neither does one whose directory is not there. */
function ownerOfStore({ file, mongodbUrl, mongodbUrlFile }: StoreConfiguration) {
  if (mongodbUrl !== undefined || mongodbUrlFile !== undefined) return undefined;
  const directory = statSync(path.dirname(file), { throwIfNoEntry: false });
  if (directory === undefined || directory.uid === 0) return undefined;
  return { uid: directory.uid, gid: directory.gid, user: undefined } satisfies Identity;
}
