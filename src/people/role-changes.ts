/** What a change of a user's roles asks of whoever makes it. */

import type { Operation } from './operation.ts';
import { type Resource, resourceOf } from './resource.ts';

export interface NeededPermission {
  readonly operation: Operation;
  readonly resource: Resource;
}

export interface RoleChanges {
  readonly joined: readonly string[];
  readonly left: readonly string[];
  /** For each role that is joined or left, as when it were asked for by itself. */
  readonly needed: readonly NeededPermission[];
}

/**
 * What becomes of a user's roles when `wanted` replace `present`. Everybody may update the own
 * account, and in Pulp 2 that was enough to join any role, `super-users` too: here each change needs
 * UPDATE on `/v2/roles/<id>/users/`, by whichever call it is made.
 *
 * @param present ids of roles
 * @param wanted ids of roles that exist
 */
export function roleChanges(present: readonly string[], wanted: readonly string[]): RoleChanges {
  const [before, after] = [new Set(present), new Set(wanted)];
  const joined = [...after.difference(before)];
  const left = [...before.difference(after)];
  return {
    joined,
    left,
    needed: [...joined, ...left].map((id) => ({
      operation: 'UPDATE',
      resource: resourceOf('roles', id, 'users'),
    })),
  };
}
