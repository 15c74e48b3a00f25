/** What administrators do with users, for tests of several at once. */

import type { User } from '../../src/api/people/documents.ts';
import type { People } from '../../src/api/people/people.ts';
import { superUsersRole } from '../../src/people/super-users.ts';

/** Each gives what became of it; undefined where there is no such user. */
export const peopleActions = {
  promote: ({ users }: People, login: string) =>
    withUser(users, login, (user) => users.addRole(user, superUsersRole)),
  demote: ({ users }: People, login: string) =>
    withUser(users, login, (user) => users.removeRole(user, superUsersRole)),
  delete: ({ users, sessions }: People, login: string) =>
    withUser(users, login, (user) => users.delete(user, sessions)),
  disable: ({ users, sessions }: People, login: string) =>
    withUser(users, login, (user) => users.disable(user, sessions)),
  enable: ({ users }: People, login: string) =>
    withUser(users, login, (user) => users.enable(user)),
  create: ({ users }: People, login: string) =>
    users.create({ login, name: login, password: null }),
};

export type PeopleAction = keyof typeof peopleActions;

async function withUser<Result>(
  users: People['users'],
  login: string,
  act: (user: User) => Promise<Result>,
): Promise<Result | undefined> {
  const user = await users.byLogin(login);
  return user && act(user);
}
