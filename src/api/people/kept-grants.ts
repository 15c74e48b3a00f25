/** The grants that are kept in the documents of users and roles. */

import type { Resource } from '../../people/resource.ts';
import { parseFilter } from '../../stores/parse-filter.ts';
import type { Store } from '../../stores/store.ts';
import type { HeldGrant } from './documents.ts';

const holders = ['users', 'roles'] as const;

/** One document is changed, so that of two at the same time none is lost. */
export async function changeGrants(
  store: Store,
  collection: (typeof holders)[number],
  id: string,
  change: (grants: readonly HeldGrant[]) => readonly HeldGrant[] | undefined,
): Promise<'done' | 'full' | 'missing'> {
  const result = await store.update(collection, id, (document) => {
    const grants = change(document.grants as readonly HeldGrant[]);
    return grants === undefined ? undefined : { ...document, grants };
  });
  if (result.outcome === 'updated') return 'done';
  return result.outcome === 'left' ? 'full' : 'missing';
}

/**
 * Takes from everybody what was granted on something that is being deleted: what is made anew under
 * its name is another, and nobody has granted anything on that.
 *
 * @param except the `_id` of a holder who is being deleted
 */
export async function forgetResources(
  store: Store,
  resources: readonly Resource[],
  except?: string,
): Promise<void> {
  const filter = parseFilter({ 'grants.resource': { $in: resources } });
  for (const collection of holders) {
    for (const { _id } of await store.find(collection, { filter, fields: ['_id'] })) {
      if (_id === except) continue;
      await changeGrants(store, collection, _id, (grants) =>
        grants.filter(({ resource }) => !resources.includes(resource)),
      );
    }
  }
}
