/** Takes away what was published, once nothing points to it. */

import { Publications } from '../repositories/publications.ts';
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
    await publications.removing(_id);
    await storage.publications.remove(_id);
    await publications.removed(_id);
  }
}
