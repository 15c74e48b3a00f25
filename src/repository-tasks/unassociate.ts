/** Takes units out of a repository. Done again after a stop, it goes on with those that are left. */

import { associatedUnits, readUnits } from '../repositories/associated-units.ts';
import type {
  AssociationCriteria,
  RawAssociationCriteria,
} from '../repositories/association-criteria.ts';
import type { JsonObject, Repository, Unit } from '../repositories/documents.ts';
import type { RunningTask, TaskKind } from '../tasks/kind.ts';
import type { Submission } from '../tasks/queue.ts';
import { UnitsReport } from './changed-units.ts';
import { ChosenUnits } from './limited-removal.ts';
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
  for await (const batch of chosenUnits(task, parts, repository, criteria)) {
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

/** Of all attempts together no more than the limit, if there is one. */
async function* chosenUnits(
  task: RunningTask,
  parts: RepositoryTaskParts,
  repository: Repository,
  criteria: AssociationCriteria,
): AsyncGenerator<readonly Unit[]> {
  const { store } = parts;
  const { limit } = criteria;
  if (limit === undefined) {
    yield* associatedUnits(store, repository._id, criteria);
    return;
  }
  const chosen = new ChosenUnits(parts, task, repository);
  const { begun } = chosen;
  if (begun.length > 0) yield await readUnits(store, begun);
  const rest = { ...criteria, limit: limit - chosen.count };
  for await (const batch of associatedUnits(store, repository._id, rest)) {
    task.signal.throwIfAborted();
    await chosen.choose(batch.map(({ _id }) => _id));
    yield batch;
  }
}
