/**
 * The role whose members may do everything. All that decides who is one stands in one document, of
 * which these functions give the next state: made one after the other by the store's compare-and-set,
 * they never leave nobody, whoever deletes, disables, enables and demotes whom at the same time.
 *
 * A user is taken out of those who count before anything else happens to the user, member or not:
 *
 * - to disable: the version of the user's own document, then {@link suspendUser} with it, then the
 *   document, expecting that version (from the beginning when it has another) and left as it is when
 *   it says so already, then {@link settleSuspension};
 * - to delete: as to disable, then the document is removed, expecting the version that it had by then
 *   (from the beginning when it has another), then {@link forgetUser};
 * - to enable: the user's own document, then {@link resumeUser} with the version that it has by that;
 * - to add: the state with its version, then that the user is there and not disabled, then
 *   {@link addSuperUser}, expecting that version of the state.
 *
 * A stop in between leaves somebody out who could be in, and never the other way round.
 */

export const superUsersRole = 'super-users';

export interface SuperUsers {
  /** The `_id` of each member. */
  readonly members: readonly string[];
  /**
   * By `_id`: members who are disabled, and all who are just being disabled or deleted, with the
   * version of their own document before that.
   */
  readonly inactive: Readonly<Record<string, number>>;
}

export type SuperUsersChange =
  | { readonly superUsers: SuperUsers }
  /** `last`: nobody would be left. `inactive`: the user is disabled or being deleted. */
  | { readonly refusal: 'last' | 'inactive' };

/** Those who count: members who are not inactive. */
export function activeSuperUsers({ members, inactive }: SuperUsers): ReadonlySet<string> {
  return new Set(members.filter((member) => !Object.hasOwn(inactive, member)));
}

/** The state itself for who is a member already. */
export function addSuperUser(present: SuperUsers, user: string): SuperUsersChange {
  const { members, inactive } = present;
  if (members.includes(user)) return { superUsers: present };
  if (Object.hasOwn(inactive, user)) return { refusal: 'inactive' };
  return { superUsers: { members: [...members, user], inactive } };
}

/** The state itself for who is no member. Who is inactive stays so: that may just be under way. */
export function removeSuperUser(present: SuperUsers, user: string): SuperUsersChange {
  const { members, inactive } = present;
  if (!members.includes(user)) return { superUsers: present };
  return unlessLast(present, { members: excluding(members, user), inactive });
}

/**
 * Takes a user out of those who count; refused for the last of them.
 *
 * @param version of the user's own document, which is going to be changed
 */
export function suspendUser(present: SuperUsers, user: string, version: number): SuperUsersChange {
  const { members, inactive } = present;
  const latest = Math.max(version, inactive[user] ?? 0);
  return unlessLast(present, { members, inactive: { ...inactive, [user]: latest } });
}

/** Once the document of a suspended user says it: it is remembered of members alone. */
export function settleSuspension(present: SuperUsers, user: string): SuperUsers {
  return present.members.includes(user) ? present : forgetUser(present, user);
}

/**
 * Makes a member count again. The state itself when somebody is about to suspend the user who has
 * seen that they were enabled: then that comes after this.
 *
 * @param version of the user's own document, by which the user was enabled
 */
export function resumeUser(present: SuperUsers, user: string, version: number): SuperUsers {
  const { members, inactive } = present;
  const suspended = inactive[user];
  if (suspended === undefined || version <= suspended) return present;
  return { members, inactive: without(inactive, user) };
}

/** Leaves nothing of a user who is no longer there. The state itself when there is nothing. */
export function forgetUser(present: SuperUsers, user: string): SuperUsers {
  const { members, inactive } = present;
  if (!members.includes(user) && !Object.hasOwn(inactive, user)) return present;
  return { members: excluding(members, user), inactive: without(inactive, user) };
}

/** A role without anybody stays as it is: there is nobody to protect, and users can be deleted. */
function unlessLast(present: SuperUsers, next: SuperUsers): SuperUsersChange {
  const wouldEmpty = activeSuperUsers(present).size > 0 && activeSuperUsers(next).size === 0;
  return wouldEmpty ? { refusal: 'last' } : { superUsers: next };
}

function excluding(users: readonly string[], user: string): readonly string[] {
  return users.filter((one) => one !== user);
}

function without(inactive: SuperUsers['inactive'], user: string): SuperUsers['inactive'] {
  return Object.fromEntries(Object.entries(inactive).filter(([one]) => one !== user));
}
