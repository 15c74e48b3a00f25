/** Grants as the API shows them: for each resource, who may do what there. */

import type { Grant } from './grant.ts';
import { type Operation, orderOperations } from './operation.ts';
import type { Resource } from './resource.ts';

export interface ResourcePermissions {
  readonly resource: Resource;
  /** By login. */
  readonly users: Readonly<Record<string, readonly Operation[]>>;
}

/**
 * As the permission documents of Pulp 2, which held what the members of a role have by it. Resources
 * are in alphabetical order; those where nobody has anything are left out.
 *
 * @param loginsOf the login of a user, or those of a role's members, by `_id`; a holder who is not in
 *   it is no longer there
 */
export function permissionsView(
  grants: Iterable<Grant>,
  loginsOf: ReadonlyMap<string, readonly string[]>,
): readonly ResourcePermissions[] {
  const view = new Map<Resource, Map<string, readonly Operation[]>>();
  for (const { holder, resource, operations } of grants) {
    for (const login of loginsOf.get(holder) ?? []) {
      const users = view.get(resource) ?? new Map<string, readonly Operation[]>();
      users.set(login, orderOperations([...(users.get(login) ?? []), ...operations]));
      view.set(resource, users);
    }
  }
  return sorted(view).map(([resource, users]) => ({
    resource,
    users: Object.fromEntries(sorted(users)),
  }));
}

/** By the code units of the keys: the same on every host. */
function sorted<Key extends string, Value>(map: ReadonlyMap<Key, Value>): [Key, Value][] {
  return [...map].sort(([one], [other]) => (one < other ? -1 : 1));
}
