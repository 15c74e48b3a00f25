/** Deletes a repository with all that is its own. Done again after a stop, it goes on where it was. */

import { Bindings } from '../consumers/bindings.ts';
import { Distributions } from '../repositories/distributions.ts';
import { RepositoryGroups } from '../repositories/groups.ts';
import { History } from '../repositories/history.ts';
import { Repositories } from '../repositories/repositories.ts';
import { Schedules } from '../repositories/schedules.ts';
import { Units } from '../repositories/units.ts';
import { where } from '../stores/parse-filter.ts';
import type { RunningTask, TaskKind } from '../tasks/kind.ts';
import type { Submission } from '../tasks/queue.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { removePublications } from './remove-publications.ts';
import { missingResource, repositorySubmission } from './submission.ts';

/** Units that are read at a time. */
const unitsBatch = 1000;

export function createDeleteKind(parts: RepositoryTaskParts): TaskKind {
  return { whenLost: 'retry', run: (task) => deleteRepository(task, parts) };
}

export function deleteSubmission(repository: string): Submission {
  return repositorySubmission('repository.delete', 'delete', { repository });
}

/** From the first step on nothing of it is served; its document goes last, so that it can be done again. */
async function deleteRepository(task: RunningTask, parts: RepositoryTaskParts): Promise<null> {
  const { store, now } = parts;
  const { repository } = task.arguments as { readonly repository: string };
  const repositories = new Repositories(store, now);
  const isThere = (await repositories.byId(repository)) !== undefined;
  // An attempt before may have done it.
  if (!isThere && task.attempt === 1) throw missingResource({ repository });
  await task.confirm();
  await new Distributions(store, now).releaseAll(repository);
  await new Bindings(store, now).removeTarget(repository);
  await new Schedules(store, now).removeAll(repository);
  await dissociateAll(repository, task, parts);
  await removePublications(parts, repository);
  await new History(store).remove(repository);
  await new RepositoryGroups(store).forgetRepository(repository);
  await repositories.remove(repository);
  return null;
}

/** Units that nobody else has are orphans then, and stay until those are removed. */
async function dissociateAll(
  repository: string,
  { signal }: RunningTask,
  { store, now }: RepositoryTaskParts,
): Promise<void> {
  const units = new Units(store, now);
  const filter = where({ repositories: repository });
  for (;;) {
    signal.throwIfAborted();
    const found = await units.find({ filter, fields: [], limit: unitsBatch });
    if (found.length === 0) return;
    await units.dissociate(
      found.map(({ _id }) => _id),
      repository,
    );
  }
}
