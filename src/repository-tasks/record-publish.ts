/** Keeps what publishes came to, a bounded number for each distributor. */

import type { JsonObject } from '../repositories/documents.ts';
import { publishHistoryCollection } from '../repositories/documents.ts';
import { where } from '../stores/parse-filter.ts';
import type { RepositoryTaskParts } from './parts.ts';

/** Entries of one distributor; then the oldest go. */
const entriesMax = 500;

export async function recordPublish(
  { store }: Pick<RepositoryTaskParts, 'store'>,
  entry: JsonObject & { readonly repo_id: string; readonly distributor_id: string },
): Promise<void> {
  await store.insert(publishHistoryCollection, entry);
  const { repo_id, distributor_id } = entry;
  const surplus = await store.find(publishHistoryCollection, {
    filter: where({ repo_id, distributor_id }),
    sort: [
      ['started', -1],
      ['_id', -1],
    ],
    skip: entriesMax,
    fields: [],
  });
  for (const { _id } of surplus) await store.remove(publishHistoryCollection, _id);
}
