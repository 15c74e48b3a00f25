/** Makes a repository with all that belongs to it, or nothing. */

import { z } from 'zod';
import { resourceOf } from '../../people/resource.ts';
import { Distributions } from '../../repositories/distributions.ts';
import { repositoryLimits } from '../../repositories/limits.ts';
import { type NewRepository, Repositories } from '../../repositories/repositories.ts';
import type { NewDistributor } from '../../repositories/repository-parts.ts';
import { giveBack, settlePlaces } from '../../repository-tasks/distributor-place.ts';
import type { Caller } from '../caller.ts';
import { storableText } from '../check-input.ts';
import { duplicateResource, invalidValue, missingValues } from '../failures.ts';
import { created, Failure, type Outcome } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { unknownPlaces } from '../places.ts';
import { storableObject } from '../storable-object.ts';
import { grantToCreator } from './grant-to-creator.ts';
import { newRepositoryIdProblem } from './names.ts';
import { claimPlaces, newDistributorBody, readNewDistributor } from './new-distributor.ts';
import { readImporter } from './plugin-config.ts';
import { showRepository } from './show-repository.ts';

export const newRepositoryBody = z.strictObject({
  id: z.string(),
  display_name: storableText.nullish(),
  description: storableText.nullish(),
  notes: storableObject.nullish(),
  importer_type_id: z.string().nullish(),
  importer_config: storableObject.nullish(),
  distributors: z.array(newDistributorBody).max(repositoryLimits.distributorsMax).nullish(),
});

type RepositoryParts = Pick<ApiParts, 'store' | 'people' | 'now' | 'places'>;

export async function createRepository(
  body: z.output<typeof newRepositoryBody>,
  caller: Caller,
  { store, people, now, places = unknownPlaces }: RepositoryParts,
): Promise<Outcome> {
  const given = readNewRepository(body);
  if (given instanceof Failure) return given;
  const repositories = new Repositories(store, now);
  // The places of one that is there are not to be changed by what is refused.
  if ((await repositories.byId(given.id)) !== undefined) return duplicateResource(given.id);
  const distributions = new Distributions(store, now);
  const claimed = await claimPlaces(given.id, given.distributors ?? [], distributions, places);
  if (claimed instanceof Failure) return claimed;
  const repository = await repositories.create(given);
  if (repository === undefined) await giveBack(claimed, distributions);
  await settlePlaces(claimed, repository !== undefined, repositories, distributions);
  if (repository === undefined) return duplicateResource(given.id);
  await grantToCreator(caller, resourceOf('repositories', given.id), people);
  return created(showRepository(repository));
}

/** Everything that can be wrong with it is found before anything is made. */
function readNewRepository(body: z.output<typeof newRepositoryBody>): NewRepository | Failure {
  const { id, display_name, description = null, notes, importer_type_id: importerTypeId } = body;
  const problem = newRepositoryIdProblem(id);
  if (problem !== undefined) return invalidValue('id', problem);
  const importer = readNewImporter(importerTypeId, body.importer_config);
  if (importer instanceof Failure) return importer;
  const distributors = readNewDistributors(body.distributors ?? []);
  if (distributors instanceof Failure) return distributors;
  return {
    id,
    // Without a word about it, it is called as it is identified; null is none, as pulp-admin sends it.
    display_name: display_name === undefined ? id : display_name,
    description,
    notes: notes ?? {},
    ...(importer !== undefined && { importer }),
    distributors,
  };
}

function readNewDistributors(
  sent: readonly z.output<typeof newDistributorBody>[],
): readonly NewDistributor[] | Failure {
  const read = new Map<string, NewDistributor>();
  for (const one of sent) {
    const distributor = readNewDistributor(one);
    if (distributor instanceof Failure) return distributor;
    if (read.has(distributor.id)) {
      return invalidValue('distributors', 'two of them have the same id');
    }
    read.set(distributor.id, distributor);
  }
  return [...read.values()];
}

function readNewImporter(
  typeId: string | null | undefined,
  config: z.output<typeof newRepositoryBody>['importer_config'],
): NewRepository['importer'] | Failure {
  if (typeId == null) {
    const isConfigured = Object.keys(config ?? {}).length > 0;
    return isConfigured ? missingValues(['importer_type_id']) : undefined;
  }
  const read = readImporter(typeId, config ?? {});
  return read instanceof Failure ? read : { importer_type_id: read.type.id, config: read.config };
}
