/** Whom of the store a rule lets in. */

import type { Admitted, UserVerdict } from '../plugin.ts';
import type { Directory, DirectoryUser } from './directory.ts';

/** A name that the store lacks is nobody's: it lets nobody in. */
export async function admit(
  user: DirectoryUser,
  { users, roles }: Admitted,
  directory: Directory,
): Promise<UserVerdict> {
  const name = JSON.stringify(user.login);
  if (user.isDisabled) return { outcome: 'refused', reason: `the user ${name} is disabled` };
  const { id, login } = user;
  if (users.includes(login)) return { outcome: 'admitted', user: { id, login } };
  for (const role of roles) {
    if (await directory.isMember(user, role)) return { outcome: 'admitted', user: { id, login } };
  }
  const rest = roles.length === 0 ? '' : `, who is in no role that it names`;
  return { outcome: 'refused', reason: `the rule does not name the user ${name}${rest}` };
}
