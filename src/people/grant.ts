/**
 * Grants: who may do what where. A user has what was granted to the user and to each role of the
 * user. Nothing is copied from a role to its members, as Pulp 2 did, so that nothing stays behind
 * when a role is changed, left or deleted, and nothing that was granted directly goes with it.
 */

import { type Operation, operations, orderOperations } from './operation.ts';
import { coveringResources, type Resource, rootResource } from './resource.ts';

export interface Grant {
  /** The `_id` of a user or of a role. A user or role made anew under an old name has another. */
  readonly holder: string;
  readonly resource: Resource;
  /** In the order of `operations`, each once, and never none. */
  readonly operations: readonly Operation[];
}

/** Who asks, as far as it matters for what is allowed. */
export interface Asker {
  readonly isSuperUser: boolean;
  /** The `_id` of the user, and of each of the user's roles. */
  readonly holders: readonly string[];
}

/** Which grants decide about `resource`, for one question to the store by holder and resource. */
export function decidingGrants(
  asker: Asker,
  resource: Resource,
): { readonly holders: readonly string[]; readonly resources: readonly Resource[] } {
  return { holders: asker.holders, resources: coveringResources(resource) };
}

/**
 * Whether the asker may do `operation` with `resource`. There are no denials: one grant is enough, at
 * the resource or at one that it lies in.
 *
 * @param grants at least those of {@link decidingGrants}; others make no difference
 */
export function isAllowed(
  asker: Asker,
  operation: Operation,
  resource: Resource,
  grants: Iterable<Grant>,
): boolean {
  return allowedOperations(asker, resource, grants).includes(operation);
}

/** All that the asker may do with `resource`. */
export function allowedOperations(
  { isSuperUser, holders }: Asker,
  resource: Resource,
  grants: Iterable<Grant>,
): readonly Operation[] {
  if (isSuperUser) return operations;
  const deciding = Iterator.from(grants).filter(
    (grant) => holders.includes(grant.holder) && covers(grant.resource, resource),
  );
  return orderOperations(deciding.flatMap((grant) => grant.operations));
}

/** What a grant holds after `added` were granted: the same, when it held them before. */
export function withOperations(
  present: readonly Operation[],
  added: readonly Operation[],
): readonly Operation[] {
  return orderOperations([...present, ...added]);
}

/** What is left of a grant after `removed` were revoked. When nothing is, the grant has to go. */
export function withoutOperations(
  present: readonly Operation[],
  removed: readonly Operation[],
): readonly Operation[] {
  return orderOperations(present.filter((operation) => !removed.includes(operation)));
}

/** Both end with a slash, so that a prefix ends where a segment does. */
function covers(granted: Resource, resource: Resource): boolean {
  return granted === rootResource || resource.startsWith(granted);
}
