/** Points back to an older publication: the same step as at the end of a publish, without making anything. */

import { Distributions } from '../repositories/distributions.ts';
import type { DistributionDocument, PublicationDocument } from '../repositories/documents.ts';
import { Publications } from '../repositories/publications.ts';
import { Repositories } from '../repositories/repositories.ts';
import { type RunningTask, TaskFailure, type TaskKind } from '../tasks/kind.ts';
import type { Submission } from '../tasks/queue.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { missingResource, repositorySubmission } from './submission.ts';

export type RollbackArguments = {
  readonly repository: string;
  readonly distributor: string;
  /** Null for the one before the present one. */
  readonly publication: string | null;
};

export function rollbackSubmission(given: RollbackArguments): Submission {
  return repositorySubmission('repository.rollback', 'rollback', given);
}

/** It is not done again when its worker dies: one that names no publication would go back further then. */
export function createRollbackKind(parts: RepositoryTaskParts): TaskKind {
  return {
    whenLost: 'fail',
    run: async (task) => rollBack(parts, task, task.arguments as unknown as RollbackArguments),
  };
}

async function rollBack(
  { store, settings, now }: RepositoryTaskParts,
  task: RunningTask,
  { repository, distributor, publication: wanted }: RollbackArguments,
): Promise<{ readonly publication: string }> {
  const distributions = new Distributions(store, now);
  const publications = new Publications(store, now);
  const served = await distributions.ofRepository(repository, distributor);
  if (served.length === 0) {
    throw missingResource({ repo_id: repository, distributor_id: distributor });
  }
  const present = served.find(({ publication }) => publication !== null);
  if (present === undefined) throw noPublication(wanted, 'nothing was published yet');
  if (typeof present.directory === 'string') {
    throw noPublication(wanted, 'its directory is served as it lies, and nobody keeps what it was');
  }
  const all = await publications.ofRepository(repository, distributor);
  const chosen = choose(all, present, wanted);
  await task.confirm();
  for (const { _id } of served) {
    const { publicationGraceSeconds } = settings.storage;
    await distributions.pointTo(_id, chosen._id, publicationGraceSeconds);
  }
  // The units are not what is served now: the next publish has to make a publication.
  await new Repositories(store, now).updateDistributor(repository, distributor, (each) => ({
    ...each,
    published: null,
  }));
  return { publication: chosen._id };
}

function choose(
  all: readonly PublicationDocument[],
  { publication: present }: DistributionDocument,
  wanted: string | null,
): PublicationDocument {
  const complete = all.filter(({ state }) => state === 'complete');
  const at = complete.findIndex(({ _id }) => _id === present);
  const chosen = wanted === null ? complete[at + 1] : complete.find(({ _id }) => _id === wanted);
  if (chosen !== undefined && at !== -1) return chosen;
  const state = wanted === null ? 'there is no older one' : 'it is not there, or not complete';
  throw noPublication(wanted, state);
}

/** @param why a clause */
function noPublication(publication: string | null, why: string): TaskFailure {
  return new TaskFailure('PLP0009', `Cannot go back to a publication: ${why}.`, {
    resources: { publication },
  });
}
