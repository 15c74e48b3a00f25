/** Takes units out of a repository. Done again after a stop, it goes on with those that are left. */

import { associatedUnits } from '../repositories/associated-units.ts';
import type { RawAssociationCriteria } from '../repositories/association-criteria.ts';
import type { JsonObject } from '../repositories/documents.ts';
import type { RunningTask, TaskKind } from '../tasks/kind.ts';
import type { Submission } from '../tasks/queue.ts';
import { UnitsReport } from './changed-units.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { publishAutomatically, RepositoryContent } from './repository-content.ts';
import { repositorySubmission } from './submission.ts';
import { readCriteria, writeCriteria } from './unit-criteria.ts';

export const unassociateName = 'repository.unassociate';

type UnassociateArguments = { readonly repository: string; readonly criteria: string };

export function unassociateSubmission(given: {
  readonly repository: string;
  readonly criteria: RawAssociationCriteria;
}): Submission {
  const { repository, criteria } = given;
  return repositorySubmission(unassociateName, 'unassociate', {
    repository,
    criteria: writeCriteria(criteria),
  });
}

export function createUnassociateKind(parts: RepositoryTaskParts): TaskKind {
  return { whenLost: 'retry', run: (task) => unassociate(task, parts) };
}

async function unassociate(task: RunningTask, parts: RepositoryTaskParts): Promise<JsonObject> {
  const given = task.arguments as unknown as UnassociateArguments;
  const content = new RepositoryContent(parts);
  const repository = await content.repository(given.repository);
  const change = content.change(repository._id);
  const report = new UnitsReport();
  const criteria = readCriteria(given.criteria);
  for await (const batch of associatedUnits(parts.store, repository._id, criteria)) {
    task.signal.throwIfAborted();
    await change.announce();
    const ids = batch.map(({ _id }) => _id);
    const { changed } = await content.units.dissociate(ids, repository._id);
    const gone = new Set(changed);
    for (const unit of batch) if (gone.has(unit._id)) report.add(unit);
    task.progress({ unassociate: { num_processed: report.count } });
  }
  await change.conclude({ isAdded: false, isRemoved: report.count > 0 || task.attempt > 1 });
  await publishAutomatically(task, repository);
  return report.result;
}
