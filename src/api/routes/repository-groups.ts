/** Groups of repositories: made, shown, described, searched and deleted. */

import { z } from 'zod';
import { RepositoryGroups } from '../../repositories/groups.ts';
import { repositoryLimits } from '../../repositories/limits.ts';
import { Repositories } from '../../repositories/repositories.ts';
import { parseFilter } from '../../stores/parse-filter.ts';
import type { Caller } from '../caller.ts';
import { storableText } from '../check-input.ts';
import type { Searchable } from '../criteria.ts';
import { duplicateResource, invalidValue } from '../failures.ts';
import { created, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { newRepositoryIdProblem } from '../repositories/names.ts';
import { rightsToGroup } from '../repositories/rights.ts';
import { groupPath, groupSchema, showGroup } from '../repositories/show-group.ts';
import { type Route, route } from '../route.ts';
import { searchRoutes } from '../search-routes.ts';
import { storableObject } from '../storable-object.ts';
import {
  createRepositoryGroupActionRoutes,
  missingGroup,
  tooManyMembers,
} from './repository-group-actions.ts';

const text = storableText.nullish();

const searchable: Searchable = {
  fields: new Map([
    ['_id', '_id'],
    ['id', '_id'],
    ...['display_name', 'description', 'notes', 'scratchpad', 'repo_ids'].map(
      (name) => [name, name] as const,
    ),
  ]),
  always: ['_id', 'id', '_href'],
};

const newGroupBody = z.strictObject({
  id: z.string(),
  display_name: text,
  description: text,
  repo_ids: z.array(z.string()).nullish(),
  notes: storableObject.nullish(),
});

type GroupParts = Pick<ApiParts, 'store' | 'tasks' | 'people' | 'now'>;

export function createRepositoryGroupRoutes(parts: GroupParts): Route[] {
  const groups = new RepositoryGroups(parts.store);
  return [
    route({
      method: 'GET',
      path: '/v2/repo_groups/',
      operation: 'READ',
      summary: 'All groups of repositories',
      answer: { status: 200, schema: z.array(groupSchema) },
      handle: async () => ok((await groups.find()).map(showGroup)),
    }),
    route({
      method: 'POST',
      path: '/v2/repo_groups/',
      operation: 'CREATE',
      summary: 'Makes a group of repositories',
      body: newGroupBody,
      answer: { status: 201, schema: groupSchema },
      refusals: [409],
      handle: ({ body, caller }) => createGroup(body, caller, groups, parts),
    }),
    ...searchRoutes('/v2/repo_groups/search/', 'Groups of repositories that the criteria mean', {
      searchable,
      result: groupSchema,
      find: async (query) => (await groups.find(query)).map(showGroup),
    }),
    ...createOneGroupRoutes(groups),
    ...createRepositoryGroupActionRoutes(groups, parts),
  ];
}

async function createGroup(
  body: z.output<typeof newGroupBody>,
  caller: Caller,
  groups: RepositoryGroups,
  parts: GroupParts,
): Promise<Outcome> {
  const { store, now } = parts;
  const { id, display_name = null, description = null, notes } = body;
  const problem = newRepositoryIdProblem(id);
  if (problem !== undefined) return invalidValue('id', problem);
  const repo_ids = [...new Set(body.repo_ids)];
  if (repo_ids.length > repositoryLimits.groupRepositoriesMax) return tooManyMembers('repo_ids');
  const filter = parseFilter({ _id: { $in: repo_ids } });
  const there = await new Repositories(store, now).find({ filter, fields: [] });
  const isMissing = there.length < repo_ids.length;
  const mayAdd = await rightsToGroup(caller, parts.people);
  if (isMissing || !repo_ids.every(mayAdd)) {
    return invalidValue('repo_ids', 'one of them is no repository that you may publish');
  }
  const group = await groups.create({
    ...{ id, display_name, description, repo_ids, notes: notes ?? {}, distributors: [] },
  });
  if (group === 'full') return tooManyMembers('repo_ids');
  return group === 'duplicate' ? duplicateResource(id) : created(showGroup(group));
}

function createOneGroupRoutes(groups: RepositoryGroups): Route[] {
  return [
    route({
      method: 'GET',
      path: groupPath,
      operation: 'READ',
      summary: 'One group of repositories',
      answer: { status: 200, schema: groupSchema },
      refusals: [404],
      handle: async ({ params }) => {
        const group = await groups.byId(params.group);
        return group === undefined ? missingGroup(params.group) : ok(showGroup(group));
      },
    }),
    route({
      method: 'PUT',
      path: groupPath,
      operation: 'UPDATE',
      summary: 'Changes what a group of repositories says of itself',
      body: z.strictObject({
        display_name: text,
        description: text,
        notes: storableObject.nullish(),
      }),
      answer: { status: 200, schema: groupSchema },
      refusals: [404],
      handle: async ({ params, body: { notes, ...body } }) => {
        const given = Object.entries(body).filter(([, value]) => value != null);
        const delta = { ...Object.fromEntries(given), ...(notes != null && { notes }) };
        const result = await groups.describe(params.group, delta);
        return 'group' in result ? ok(showGroup(result.group)) : missingGroup(params.group);
      },
    }),
    route({
      method: 'DELETE',
      path: groupPath,
      operation: 'DELETE',
      summary: 'Deletes a group; its repositories stay',
      answer: { status: 200, schema: z.null() },
      refusals: [404],
      handle: async ({ params }) =>
        (await groups.remove(params.group)) ? ok(null) : missingGroup(params.group),
    }),
  ];
}
