/** What whoever makes something may do with it. */

import { grantOfCreator } from '../../people/automatic-grants.ts';
import type { Resource } from '../../people/resource.ts';
import type { Caller } from '../caller.ts';
import type { People } from '../people/people.ts';

/** All operations. Who has as many grants as may be gets no more, and keeps what they were let do before. */
export async function grantToCreator(
  { user }: Caller,
  resource: Resource,
  { users }: Pick<People, 'users'>,
): Promise<void> {
  await users.grant(user, resource, grantOfCreator(user._id, resource).operations);
}
