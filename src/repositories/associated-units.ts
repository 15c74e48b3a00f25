/** Finds the units of a repository that criteria mean, in their order, a batch at a time. */

import { parseFilter } from '../stores/parse-filter.ts';
import type { Store } from '../stores/store.ts';
import { type AssociationCriteria, associatedWith } from './association-criteria.ts';
import { type Membership, type Unit, unitsCollection } from './documents.ts';
import { pageThrough } from './unit-pages.ts';

/** Units that are read at a time. */
export const unitsBatch = 100;

/** Ids that are read at a time where their order is that of the ids. */
const idsBatch = 5000;

/**
 * Units that come while it runs may be missed, and those that leave may be given still.
 *
 * @throws PortcullisError RESULT_TOO_LARGE where more have to be sorted than the store gives at once
 */
export async function* associatedUnits(
  store: Store,
  repositoryId: string,
  criteria: AssociationCriteria,
): AsyncGenerator<readonly Unit[]> {
  let batch: string[] = [];
  for await (const id of associatedIds(store, repositoryId, criteria)) {
    batch.push(id);
    if (batch.length < unitsBatch) continue;
    yield await readUnits(store, batch);
    batch = [];
  }
  if (batch.length > 0) yield await readUnits(store, batch);
}

/** Their ids alone: there may be very many. */
async function* associatedIds(
  store: Store,
  repositoryId: string,
  criteria: AssociationCriteria,
): AsyncGenerator<string> {
  const { skip, limit = Number.POSITIVE_INFINITY } = criteria;
  let index = 0;
  for await (const id of orderedIds(store, repositoryId, criteria)) {
    if (index >= skip + limit) return;
    if (index >= skip) yield id;
    index += 1;
  }
}

async function* orderedIds(
  store: Store,
  repositoryId: string,
  criteria: AssociationCriteria,
): AsyncGenerator<string> {
  const { sort, associationSort } = criteria;
  if (associationSort.length > 0) return yield* await byMembership(store, repositoryId, criteria);
  const filter = associatedWith(repositoryId, criteria);
  const found =
    sort.length > 0
      ? await store.find(unitsCollection, { filter, sort, fields: [] })
      : pageThrough(store, filter, { fields: [], limit: idsBatch });
  for await (const { _id } of found) yield _id;
}

/** No store sorts by one of the elements of a list. */
async function byMembership(
  store: Store,
  repositoryId: string,
  { sort, associationSort, ...criteria }: AssociationCriteria,
): Promise<readonly string[]> {
  const filter = associatedWith(repositoryId, { ...criteria, sort, associationSort });
  const query = { filter, ...(sort.length > 0 && { sort }), fields: ['memberships'] };
  const found = await store.find(unitsCollection, query);
  const keyed = found.map(({ _id, memberships }) => ({
    id: _id,
    membership: (memberships as unknown as readonly Membership[]).find(
      ({ repository }) => repository === repositoryId,
    ),
  }));
  keyed.sort((one, other) => {
    for (const [field, way] of associationSort) {
      const difference =
        Number(one.membership?.[field] ?? 0) - Number(other.membership?.[field] ?? 0);
      if (difference !== 0) return difference * way;
    }
    return 0;
  });
  return keyed.map(({ id }) => id);
}

/** In the order of `ids`, without those that are gone. */
export async function readUnits(store: Store, ids: readonly string[]): Promise<readonly Unit[]> {
  const filter = parseFilter({ _id: { $in: [...ids] } });
  const found = (await store.find(unitsCollection, { filter })) as readonly Unit[];
  const byIds = new Map(found.map((unit) => [unit._id, unit]));
  return ids.flatMap((id) => byIds.get(id) ?? []);
}
