/** Takes away what was published, once nothing points to it. */

import { Publications } from '../repositories/publications.ts';
import type { Storage } from '../storage/storage.ts';
import type { RepositoryTaskParts } from './parts.ts';

/**
 * All publications of a repository or of one of its distributors, which is gone. What a stop leaves is
 * marked, and removed by the next who does this.
 *
 * @param distributor undefined for those of all
 */
export async function removePublications(
  { store, storage, now }: Pick<RepositoryTaskParts, 'store' | 'storage' | 'now'>,
  repository: string,
  distributor?: string,
): Promise<void> {
  const publications = new Publications(store, now);
  for (const { _id } of await publications.ofRepository(repository, distributor)) {
    await removePublication(_id, publications, storage);
  }
}

/** One that nothing points to. Its document says so before its directory goes, and goes after it. */
export async function removePublication(
  id: string,
  publications: Publications,
  storage: Pick<Storage, 'publications'>,
): Promise<void> {
  await publications.removing(id);
  await storage.publications.remove(id);
  await publications.removed(id);
}
