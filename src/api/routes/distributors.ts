/** The distributors of a repository, and what each has published. */

import { z } from 'zod';
import { Distributions } from '../../repositories/distributions.ts';
import type { Distributor } from '../../repositories/documents.ts';
import { repositoryLimits } from '../../repositories/limits.ts';
import { Repositories } from '../../repositories/repositories.ts';
import { distributorOf, type NewDistributor } from '../../repositories/repository-parts.ts';
import { giveBack, settlePlaces } from '../../repository-tasks/distributor-place.ts';
import {
  removeDistributorSubmission,
  updateDistributorSubmission,
} from '../../repository-tasks/distributors.ts';
import { callReportSchema } from '../call-report.ts';
import { duplicateResource, invalidValue, missingResource } from '../failures.ts';
import { created, Failure, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { unknownPlaces } from '../places.ts';
import {
  claimPlaces,
  movedPlaceRefusal,
  newDistributorBody,
  readNewDistributor,
} from '../repositories/new-distributor.ts';
import { readDistributorChange } from '../repositories/plugin-config.ts';
import {
  distributorPath,
  distributorSchema,
  repositoryPath,
  showDistributor,
} from '../repositories/show-repository.ts';
import { type Route, route } from '../route.ts';
import { storableObject } from '../storable-object.ts';
import { submitTask } from '../submit-task.ts';

type DistributorParts = Pick<ApiParts, 'store' | 'tasks' | 'now' | 'places'>;

export function createDistributorRoutes(parts: DistributorParts): Route[] {
  const repositories = new Repositories(parts.store, parts.now);
  return [
    route({
      method: 'GET',
      path: `${repositoryPath}distributors/`,
      operation: 'READ',
      summary: 'All distributors of a repository',
      answer: { status: 200, schema: z.array(distributorSchema) },
      refusals: [404],
      handle: async ({ params: { repository: id } }) => {
        const repository = await repositories.byId(id);
        if (repository === undefined) return missingResource({ repository: id });
        return ok(repository.distributors.map((each) => showDistributor(id, each)));
      },
    }),
    route({
      method: 'POST',
      path: `${repositoryPath}distributors/`,
      operation: 'CREATE',
      summary: 'Adds a distributor to a repository',
      body: newDistributorBody,
      answer: { status: 201, schema: distributorSchema },
      refusals: [404, 409],
      handle: async ({ params, body }) => {
        const distributor = readNewDistributor(body);
        if (distributor instanceof Failure) return distributor;
        return addDistributor(params.repository, distributor, repositories, parts);
      },
    }),
    ...createOneDistributorRoutes(parts, repositories),
  ];
}

/** Its place first: of two who want one, none or one gets it. */
async function addDistributor(
  id: string,
  distributor: NewDistributor,
  repositories: Repositories,
  { store, now, places = unknownPlaces }: DistributorParts,
): Promise<Outcome> {
  const repository = await repositories.byId(id);
  if (repository === undefined) return missingResource({ repository: id });
  // The place of one that is there is not to be changed by what is refused.
  if (distributorOf(repository, distributor.id)) return duplicateResource(distributor.id);
  const distributions = new Distributions(store, now);
  const claimed = await claimPlaces(id, [distributor], distributions, places);
  if (claimed instanceof Failure) return claimed;
  const result = await repositories.addDistributor(id, distributor);
  if (result.outcome !== 'updated') await giveBack(claimed, distributions);
  await settlePlaces(claimed, result.outcome === 'updated', repositories, distributions);
  switch (result.outcome) {
    case 'updated':
      return created(showDistributor(id, result.distributor));
    case 'duplicate':
      return duplicateResource(distributor.id);
    case 'full':
      return tooMany();
    case 'missing':
      return missingResource({ repository: id });
  }
}

function tooMany(): Failure {
  const { distributorsMax } = repositoryLimits;
  return invalidValue('distributor_id', `the repository has ${distributorsMax} distributors`);
}

function createOneDistributorRoutes(
  { tasks, places = unknownPlaces }: DistributorParts,
  repositories: Repositories,
): Route[] {
  const find = async (repository: string, id: string): Promise<Distributor | Failure> => {
    const found = await repositories.byId(repository);
    if (found === undefined) return missingResource({ repository });
    return distributorOf(found, id) ?? missingResource({ repo_id: repository, distributor_id: id });
  };
  const answer = { status: 202, schema: callReportSchema } as const;
  return [
    route({
      method: 'GET',
      path: distributorPath,
      operation: 'READ',
      summary: 'One distributor of a repository',
      answer: { status: 200, schema: distributorSchema },
      refusals: [404],
      handle: async ({ params: { repository, distributor: id } }) => {
        const found = await find(repository, id);
        return found instanceof Failure ? found : ok(showDistributor(repository, found));
      },
    }),
    route({
      method: 'PUT',
      path: distributorPath,
      operation: 'UPDATE',
      summary: 'Changes a distributor by a task; null takes a name of the configuration away',
      body: z.strictObject({
        distributor_config: storableObject.nullish(),
        delta: z.strictObject({ auto_publish: z.boolean().nullish() }).nullish(),
      }),
      answer,
      refusals: [404],
      handle: async ({ params: { repository, distributor: id }, body }) => {
        const found = await find(repository, id);
        if (found instanceof Failure) return found;
        const read = readDistributorChange(found, body.distributor_config ?? {});
        if (read instanceof Failure) return read;
        const refusal = movedPlaceRefusal(repository, found, read.config, places);
        if (refusal !== undefined) return refusal;
        const submission = updateDistributorSubmission({
          ...{ repository, distributor: id, config: read.change },
          auto_publish: body.delta?.auto_publish ?? null,
        });
        return submitTask(tasks, submission);
      },
    }),
    route({
      method: 'DELETE',
      path: distributorPath,
      operation: 'DELETE',
      summary: 'Removes a distributor by a task, with all that it has published',
      answer,
      refusals: [404],
      handle: async ({ params: { repository, distributor: id } }) => {
        const found = await find(repository, id);
        if (found instanceof Failure) return found;
        return submitTask(tasks, removeDistributorSubmission({ repository, distributor: id }));
      },
    }),
  ];
}
