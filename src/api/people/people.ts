/** The users, roles, sessions and denied certificates of one store. */

import { DeniedCertificates } from '../../people/denied-certificates.ts';
import { superUsersRole } from '../../people/super-users.ts';
import type { Store } from '../../stores/store.ts';
import { Roles } from './roles.ts';
import { Sessions } from './sessions.ts';
import { SuperUsers } from './super-users.ts';
import { type NewUser, Users } from './users.ts';

export interface People {
  readonly users: Users;
  readonly roles: Roles;
  readonly superUsers: SuperUsers;
  readonly sessions: Sessions;
  readonly denied: DeniedCertificates;
}

export function openPeople(store: Store, now: () => Date): People {
  const supers = new SuperUsers(store);
  const users = new Users(store, supers);
  const roles = new Roles(store, users);
  const sessions = new Sessions(store, now);
  const denied = new DeniedCertificates(store, now);
  return { users, roles, superUsers: supers, sessions, denied };
}

/**
 * Makes what an empty store needs: the role of super-users, and a first one if there is none. Several
 * processes may do it at once.
 */
export async function setUpPeople(people: People, first: NewUser): Promise<void> {
  await people.superUsers.ensure();
  if ((await people.superUsers.active()).size > 0) return;
  const user = (await people.users.create(first)) ?? (await people.users.byLogin(first.login));
  if (user !== undefined) await people.users.addRole(user, superUsersRole);
}
