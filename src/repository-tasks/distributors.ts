/** The distributors of a repository: another configuration, or none. Done again, each does the same. */

import { Bindings } from '../consumers/bindings.ts';
import { Distributions } from '../repositories/distributions.ts';
import type { Distributor, JsonObject } from '../repositories/documents.ts';
import { mergeObject } from '../repositories/merge.ts';
import { Repositories } from '../repositories/repositories.ts';
import { distributorOf } from '../repositories/repository-parts.ts';
import { Schedules } from '../repositories/schedules.ts';
import { distributorType } from '../repository-types/all-types.ts';
import { TaskFailure, type TaskKind } from '../tasks/kind.ts';
import type { Submission } from '../tasks/queue.ts';
import { configOf } from './config-of.ts';
import { claimOf } from './distributor-place.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { removePublications } from './remove-publications.ts';
import { scheduleResource } from './schedule-resource.ts';
import { missingResource, repositorySubmission } from './submission.ts';

export function createUpdateDistributorKind(parts: RepositoryTaskParts): TaskKind {
  const repositories = new Repositories(parts.store, parts.now);
  const distributions = new Distributions(parts.store, parts.now);
  return {
    whenLost: 'retry',
    run: async ({ arguments: given, confirm }) => {
      const change = given as unknown as DistributorArguments;
      const { repository, distributor: id } = change;
      const found = await repositories.byId(repository);
      const present = found && distributorOf(found, id);
      if (present === undefined) throw missingDistributor(repository, id);
      const changed = changedDistributor(present, change, parts.now());
      await confirm();
      await serve(repository, changed, distributions);
      const result = await repositories.updateDistributor(repository, id, (now) =>
        changedDistributor(now, change, parts.now()),
      );
      if (result.outcome !== 'updated') throw missingDistributor(repository, id);
      return null;
    },
  };
}

/** Where the new configuration says: what was published goes with it, and what protects it is at once in force. */
async function serve(
  repository: string,
  distributor: Distributor,
  distributions: Distributions,
): Promise<void> {
  const claim = claimOf(repository, distributor);
  if (claim === undefined) return distributions.releaseAll(repository, distributor.id);
  const result = await distributions.move(claim);
  if (result.outcome === 'claimed') return;
  const { relative_url: url, repository: other } = result.by;
  throw new TaskFailure(
    'PLP1014',
    `The relative URL ${claim.relative_url} is not free: the repository ${other} is served at ${url}.`,
    { property_names: ['relative_url'] },
  );
}

function changedDistributor(
  distributor: Distributor,
  { config, auto_publish }: DistributorArguments,
  now: Date,
): Distributor {
  const merged = mergeObject(distributor.config, config);
  return {
    ...distributor,
    config: configOf(distributorType(distributor.distributor_type_id), merged),
    auto_publish: auto_publish ?? distributor.auto_publish,
    last_updated: now,
  };
}

export function updateDistributorSubmission(given: DistributorArguments): Submission {
  return repositorySubmission('repository.update_distributor', 'update_distributor', given, [
    tagOf(given),
  ]);
}

/** What was published of it goes with the next removal of what nobody needs. */
export function createRemoveDistributorKind(parts: RepositoryTaskParts): TaskKind {
  const repositories = new Repositories(parts.store, parts.now);
  const distributions = new Distributions(parts.store, parts.now);
  return {
    whenLost: 'retry',
    run: async ({ arguments: given, attempt, confirm }) => {
      const { repository, distributor } = given as unknown as DistributorName;
      await confirm();
      await distributions.releaseAll(repository, distributor);
      await new Bindings(parts.store, parts.now).removeTarget(repository, distributor);
      const resource = scheduleResource({ kind: 'distributor', repository, id: distributor });
      await new Schedules(parts.store, parts.now).removeAll(repository, resource);
      const { outcome } = await repositories.removeDistributor(repository, distributor);
      await removePublications(parts, repository, distributor);
      // An attempt before may have done it.
      if (outcome !== 'updated' && attempt === 1) throw missingDistributor(repository, distributor);
      return null;
    },
  };
}

export function removeDistributorSubmission(given: DistributorName): Submission {
  return repositorySubmission('repository.remove_distributor', 'remove_distributor', given, [
    tagOf(given),
  ]);
}

export type DistributorName = { readonly repository: string; readonly distributor: string };

export type DistributorArguments = DistributorName & {
  /** Names to take over, those with null to take away. */
  readonly config: JsonObject;
  /** Null to leave it. */
  readonly auto_publish: boolean | null;
};

function missingDistributor(repository: string, distributor: string): TaskFailure {
  return missingResource({ repo_id: repository, distributor_id: distributor });
}

function tagOf({ distributor }: DistributorName): string {
  return `pulp:repository_distributor:${distributor}`;
}
