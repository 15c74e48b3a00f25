/**
 * The role whose members may do everything. All that decides who is one stands in one document, of
 * which these functions give the next state: made one after the other by the store's compare-and-set,
 * they never leave nobody, whoever deletes and demotes whom at the same time.
 *
 * A user is taken out of those who count before anything else happens to the user, member or not:
 *
 * - to delete: {@link suspendUser}, then the user's own document, then {@link forgetUser};
 * - to disable: {@link suspendUser}, then the user's own document;
 * - to enable again: the user's own document, then {@link resumeUser};
 * - to add: the state with its version, then that the user is there and not disabled, then
 *   {@link addSuperUser}, expecting that version.
 *
 * A stop in between leaves somebody out who could be in, and never the other way round.
 */

export const superUsersRole = 'super-users';

export interface SuperUsers {
  /** The `_id` of each member. */
  readonly members: readonly string[];
  /** The `_id` of each user who is disabled or being deleted, members and others. */
  readonly inactive: readonly string[];
}

export type SuperUsersChange =
  | { readonly superUsers: SuperUsers }
  /** `last`: nobody would be left. `inactive`: the user is disabled or being deleted. */
  | { readonly refusal: 'last' | 'inactive' };

/** Those who count: members who are not inactive. */
export function activeSuperUsers({ members, inactive }: SuperUsers): ReadonlySet<string> {
  return new Set(members).difference(new Set(inactive));
}

export function addSuperUser(present: SuperUsers, user: string): SuperUsersChange {
  if (present.inactive.includes(user)) return { refusal: 'inactive' };
  return { superUsers: { ...present, members: including(present.members, user) } };
}

export function removeSuperUser(present: SuperUsers, user: string): SuperUsersChange {
  return unlessLast(present, { ...present, members: excluding(present.members, user) });
}

/** Takes a user out of those who count; refused for the last of them. */
export function suspendUser(present: SuperUsers, user: string): SuperUsersChange {
  return unlessLast(present, { ...present, inactive: including(present.inactive, user) });
}

/** Makes a member count again, who was suspended. */
export function resumeUser(present: SuperUsers, user: string): SuperUsers {
  return { ...present, inactive: excluding(present.inactive, user) };
}

/** Leaves nothing of a user who is no longer there. */
export function forgetUser({ members, inactive }: SuperUsers, user: string): SuperUsers {
  return { members: excluding(members, user), inactive: excluding(inactive, user) };
}

/** A role without anybody stays as it is: there is nobody to protect, and users can be deleted. */
function unlessLast(present: SuperUsers, next: SuperUsers): SuperUsersChange {
  const wouldEmpty = activeSuperUsers(present).size > 0 && activeSuperUsers(next).size === 0;
  return wouldEmpty ? { refusal: 'last' } : { superUsers: next };
}

function including(users: readonly string[], user: string): readonly string[] {
  return users.includes(user) ? users : [...users, user];
}

function excluding(users: readonly string[], user: string): readonly string[] {
  return users.filter((one) => one !== user);
}
