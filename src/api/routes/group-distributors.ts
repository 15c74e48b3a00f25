/** The distributors of a group of repositories: by which of theirs its members are published. */

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type GroupDistributor, RepositoryGroups } from '../../repositories/groups.ts';
import { mergeObject } from '../../repositories/merge.ts';
import { distributorType, repositoryTypes } from '../../repository-types/all-types.ts';
import { duplicateResource, invalidValue, missingResource } from '../failures.ts';
import { created, Failure, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { newDistributorIdProblem } from '../repositories/names.ts';
import { withoutHidden } from '../repositories/secrets.ts';
import {
  groupDistributorPath,
  groupDistributorSchema,
  groupPath,
  showGroupDistributor,
} from '../repositories/show-group.ts';
import { type Route, route } from '../route.ts';
import { storableObject } from '../storable-object.ts';

const newBody = z.strictObject({
  distributor_type_id: z.string(),
  /** What the publishes by it take in the place of what the distributors of the members have. */
  distributor_config: storableObject.nullish(),
  distributor_id: z.string().nullish(),
});

export function createGroupDistributorRoutes({ store }: Pick<ApiParts, 'store'>): Route[] {
  const groups = new RepositoryGroups(store);
  return [
    route({
      method: 'GET',
      path: `${groupPath}distributors/`,
      operation: 'READ',
      summary: 'All distributors of a group of repositories',
      answer: { status: 200, schema: z.array(groupDistributorSchema) },
      refusals: [404],
      handle: async ({ params: { group: id } }) => {
        const group = await groups.byId(id);
        if (group === undefined) return missingResource({ repo_group: id });
        return ok(group.distributors.map((each) => showGroupDistributor(id, each)));
      },
    }),
    route({
      method: 'POST',
      path: `${groupPath}distributors/`,
      operation: 'CREATE',
      summary: 'Adds a distributor to a group: publishing it publishes all members by its type',
      body: newBody,
      answer: { status: 201, schema: groupDistributorSchema },
      refusals: [404, 409],
      handle: ({ params, body }) => addDistributor(params.group, body, groups),
    }),
    ...createOneRoutes(groups),
  ];
}

async function addDistributor(
  group: string,
  body: z.output<typeof newBody>,
  groups: RepositoryGroups,
): Promise<Outcome> {
  const id = body.distributor_id ?? randomUUID();
  const problem = newDistributorIdProblem(id);
  if (problem !== undefined) return invalidValue('distributor_id', problem);
  const { distributor_type_id, distributor_config: config } = body;
  if (distributorType(distributor_type_id) === undefined) {
    const known = repositoryTypes.flatMap(({ distributors }) => distributors);
    const names = known.map((type) => type.id).join(', ');
    return invalidValue('distributor_type_id', `there is no such type; there are ${names}`);
  }
  const distributor: GroupDistributor = {
    ...{ id, distributor_type_id, config: config ?? {}, scratchpad: {}, last_publish: null },
  };
  const { outcome } = await groups.addDistributor(group, distributor);
  if (outcome === 'updated') return created(showGroupDistributor(group, distributor));
  if (outcome === 'duplicate') return duplicateResource(id);
  if (outcome === 'missing') return missingResource({ repo_group: group });
  return invalidValue('distributor_id', 'the group has as many distributors as it may');
}

function createOneRoutes(groups: RepositoryGroups): Route[] {
  const find = async (group: string, id: string): Promise<GroupDistributor | Failure> => {
    const found = await groups.byId(group);
    if (found === undefined) return missingResource({ repo_group: group });
    return found.distributors.find((each) => each.id === id) ?? missing(group, id);
  };
  return [
    route({
      method: 'GET',
      path: groupDistributorPath,
      operation: 'READ',
      summary: 'One distributor of a group of repositories',
      answer: { status: 200, schema: groupDistributorSchema },
      refusals: [404],
      handle: async ({ params: { group, distributor: id } }) => {
        const found = await find(group, id);
        return found instanceof Failure ? found : ok(showGroupDistributor(group, found));
      },
    }),
    route({
      method: 'PUT',
      path: groupDistributorPath,
      operation: 'UPDATE',
      summary: 'Changes a distributor of a group; null takes a name of the configuration away',
      body: z.strictObject({ distributor_config: storableObject }),
      answer: { status: 200, schema: groupDistributorSchema },
      refusals: [404],
      handle: async ({
        params: { group, distributor: id },
        body: { distributor_config: sent },
      }) => {
        await groups.updateDistributor(group, id, (present) => {
          const secrets = distributorType(present.distributor_type_id)?.secrets ?? [];
          return { ...present, config: mergeObject(present.config, withoutHidden(sent, secrets)) };
        });
        const found = await find(group, id);
        return found instanceof Failure ? found : ok(showGroupDistributor(group, found));
      },
    }),
    route({
      method: 'DELETE',
      path: groupDistributorPath,
      operation: 'DELETE',
      summary: 'Removes a distributor of a group; those of its members stay',
      body: z.strictObject({ force: z.boolean().nullish() }),
      isBodyOptional: true,
      answer: { status: 200, schema: z.null() },
      refusals: [404],
      handle: async ({ params: { group, distributor: id } }) => {
        const found = await find(group, id);
        if (found instanceof Failure) return found;
        await groups.removeDistributor(group, id);
        return ok(null);
      },
    }),
  ];
}

function missing(group: string, id: string): Failure {
  return missingResource({ repo_group: group, distributor_id: id });
}
