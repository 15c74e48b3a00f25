/** What is kept elsewhere of a repository that is deleted: another of the same id is another one. */

import {
  publishHistoryCollection,
  repositoryGroupsCollection,
  syncHistoryCollection,
} from '../repositories/documents.ts';
import { where } from '../stores/parse-filter.ts';
import type { RepositoryTaskParts } from './parts.ts';

/** Its history, and its memberships of groups. It may be repeated. */
export async function forgetRepository(
  { store }: Pick<RepositoryTaskParts, 'store'>,
  repository: string,
): Promise<void> {
  for (const collection of [syncHistoryCollection, publishHistoryCollection]) {
    const filter = where({ repo_id: repository });
    const entries = await store.find(collection, { filter, fields: [] });
    await store.removeMany(
      collection,
      entries.map(({ _id }) => _id),
    );
  }
  const filter = where({ repo_ids: repository });
  for (const { _id } of await store.find(repositoryGroupsCollection, { filter, fields: [] })) {
    await store.update(repositoryGroupsCollection, _id, { $pull: { repo_ids: repository } });
  }
}
