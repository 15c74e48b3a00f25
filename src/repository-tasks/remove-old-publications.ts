/** Retention: what is not served, not in grace and not among the last ones goes. */

import { Publications } from '../repositories/publications.ts';
import type { TaskKind } from '../tasks/kind.ts';
import type { Submission, TaskQueue } from '../tasks/queue.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { removePublication } from './remove-publications.ts';
import { repositorySubmission } from './submission.ts';

/** To be called by a task that has the repository for itself: a rollback might point to one of them. */
export async function removeOldPublications(
  { store, storage, settings, now }: RepositoryTaskParts,
  repository: string,
  distributor: string,
): Promise<number> {
  const publications = new Publications(store, now);
  const kept = settings.storage.publicationsKept;
  const old = await publications.toRemove(repository, distributor, kept);
  for (const { _id } of old) await removePublication(_id, publications, storage);
  return old.length;
}

type OldPublications = { readonly repository: string; readonly distributor: string };

export function removeOldPublicationsSubmission(given: OldPublications): Submission {
  const tags = [`pulp:repository_distributor:${given.distributor}`];
  const action = 'remove_old_publications';
  return repositorySubmission('repository.remove_old_publications', action, given, tags);
}

/** The result is how many went. */
export function createRemoveOldPublicationsKind(parts: RepositoryTaskParts): TaskKind {
  return {
    whenLost: 'retry',
    run: async ({ arguments: given }) => {
      const { repository, distributor } = given as unknown as OldPublications;
      return removeOldPublications(parts, repository, distributor);
    },
  };
}

/**
 * Asks for it where the grace of publications has ended, and nobody publishes again who would do it. A queue
 * that is full is asked again with the next sweep.
 */
export async function submitRemovals(
  { store, settings, now }: RepositoryTaskParts,
  queue: TaskQueue,
  signal: AbortSignal,
): Promise<void> {
  const publications = new Publications(store, now);
  const { publicationsKept: kept } = settings.storage;
  for (const { repository, distributor } of await publications.distributorsOver(kept)) {
    signal.throwIfAborted();
    if ((await publications.toRemove(repository, distributor, kept)).length === 0) continue;
    const submission = removeOldPublicationsSubmission({ repository, distributor });
    const asked = await queue.list(submission.tags, ['waiting', 'running']);
    if (asked.length === 0) await queue.submit(submission);
  }
}
