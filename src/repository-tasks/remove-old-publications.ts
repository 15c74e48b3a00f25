/** Retention: what is not served, not in grace and not among the last ones goes. */

import { Publications } from '../repositories/publications.ts';
import type { RepositoryTaskParts } from './parts.ts';

/** To be called by a task that has the repository for itself: a rollback might point to one of them. */
export async function removeOldPublications(
  { store, storage, settings, now }: RepositoryTaskParts,
  repository: string,
  distributor: string,
): Promise<void> {
  const publications = new Publications(store, now);
  const kept = settings.storage.publicationsKept;
  for (const { _id } of await publications.toRemove(repository, distributor, kept)) {
    await publications.removing(_id);
    await storage.publications.remove(_id);
    await publications.removed(_id);
  }
}
