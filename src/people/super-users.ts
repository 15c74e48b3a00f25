/**
 * The role whose members may do everything. Its members are kept in one document, of which these
 * functions give the next state, so that the compare-and-set of the store makes one change after the
 * other: of two that would each take away the other's last super-user, the second is refused.
 *
 * That holds when whoever takes the role away from somebody, in order to delete or to disable the
 * user too,
 *
 * 1. reads the members with the version of their document, and then which of them are live,
 * 2. writes what {@link withoutSuperUser} gives, expecting that version, or begins again,
 * 3. and deletes or disables the user only then. A stop in between leaves a user without the role.
 */

export const superUsersRole = 'super-users';

/** The `_id` of each member. */
export type SuperUsers = readonly string[];

export type SuperUsersChange =
  | { readonly members: SuperUsers }
  | { readonly refusal: 'last-super-user' };

/**
 * With `user`, whom the caller has found to be live. An `_id` that nobody has any more counts for
 * nothing, so that a member who was deleted in this very moment does no harm, unless all others lose
 * the role in the same moment too.
 */
export function withSuperUser(members: SuperUsers, user: string): SuperUsers {
  return members.includes(user) ? members : [...members, user];
}

/**
 * Without `user`. Refused when no other member would be left who can log in.
 *
 * @param live the members who exist and are not disabled
 */
export function withoutSuperUser(
  members: SuperUsers,
  user: string,
  live: ReadonlySet<string>,
): SuperUsersChange {
  if (!members.includes(user)) return { members };
  const others = members.filter((member) => member !== user);
  return others.some((member) => live.has(member))
    ? { members: others }
    : { refusal: 'last-super-user' };
}
