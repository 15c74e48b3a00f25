/** The grants that stand in the document of their holder. */

import { type Grant, withOperations, withoutOperations } from '../../people/grant.ts';
import type { Operation } from '../../people/operation.ts';
import type { Resource } from '../../people/resource.ts';
import { grantsMax, type HeldGrant } from './documents.ts';

/** Undefined when there would be too many. */
export function addGrant(
  grants: readonly HeldGrant[],
  resource: Resource,
  added: readonly Operation[],
): readonly HeldGrant[] | undefined {
  const before = grants.find((grant) => grant.resource === resource);
  const rest = grants.filter((grant) => grant !== before);
  const operations = withOperations(before?.operations ?? [], added);
  if (operations.length === 0) return grants;
  return rest.length >= grantsMax ? undefined : [...rest, { resource, operations }];
}

export function removeGrant(
  grants: readonly HeldGrant[],
  resource: Resource,
  removed: readonly Operation[],
): readonly HeldGrant[] {
  return grants
    .map((grant) =>
      grant.resource === resource
        ? { resource, operations: withoutOperations(grant.operations, removed) }
        : grant,
    )
    .filter((grant) => grant.operations.length > 0);
}

/** As the decision about a call takes them. */
export function grantsOf(holder: {
  readonly _id: string;
  readonly grants: readonly HeldGrant[];
}): readonly Grant[] {
  return holder.grants.map((grant) => ({ holder: holder._id, ...grant }));
}
