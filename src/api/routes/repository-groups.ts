/** Groups of repositories: what they are, who is in them, and their publishing. */

import { z } from 'zod';
import { RepositoryGroups } from '../../repositories/groups.ts';
import { repositoryLimits } from '../../repositories/limits.ts';
import { Repositories } from '../../repositories/repositories.ts';
import { publishGroupSubmission } from '../../repository-tasks/publish-group.ts';
import { parseFilter } from '../../stores/parse-filter.ts';
import { callReportSchema } from '../call-report.ts';
import { storableText } from '../check-input.ts';
import { readCriteria, type Searchable } from '../criteria.ts';
import { duplicateResource, invalidValue, missingResource } from '../failures.ts';
import { created, Failure, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { newRepositoryIdProblem } from '../repositories/names.ts';
import { repositorySearchable } from '../repositories/searchable.ts';
import { groupPath, groupSchema, showGroup } from '../repositories/show-group.ts';
import { type Route, route } from '../route.ts';
import { searchRoutes } from '../search-routes.ts';
import { storableObject } from '../storable-object.ts';
import { submitTask } from '../submit-task.ts';

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

type GroupParts = Pick<ApiParts, 'store' | 'tasks' | 'now'>;

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
      handle: ({ body }) => createGroup(body, groups, parts),
    }),
    ...searchRoutes('/v2/repo_groups/search/', 'Groups of repositories that the criteria mean', {
      searchable,
      result: groupSchema,
      find: async (query) => (await groups.find(query)).map(showGroup),
    }),
    ...createOneGroupRoutes(groups),
    membersRoute('associate', 'Adds the repositories that the criteria mean', groups, parts),
    membersRoute('unassociate', 'Takes out the repositories that the criteria mean', groups, parts),
    publishRoute(groups, parts),
  ];
}

async function createGroup(
  body: z.output<typeof newGroupBody>,
  groups: RepositoryGroups,
  { store, now }: GroupParts,
): Promise<Outcome> {
  const { id, display_name = null, description = null, notes } = body;
  const problem = newRepositoryIdProblem(id);
  if (problem !== undefined) return invalidValue('id', problem);
  const repo_ids = [...new Set(body.repo_ids)];
  if (repo_ids.length > repositoryLimits.groupRepositoriesMax) return tooMany('repo_ids');
  const filter = parseFilter({ _id: { $in: repo_ids } });
  const there = await new Repositories(store, now).find({ filter, fields: [] });
  const isMissing = there.length < repo_ids.length;
  if (isMissing) return invalidValue('repo_ids', 'one of them is no repository');
  const group = await groups.create({
    ...{ id, display_name, description, repo_ids, notes: notes ?? {}, distributors: [] },
  });
  if (group === 'full') return tooMany('repo_ids');
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

/** Without criteria all repositories are meant, as in Pulp. */
function membersRoute(
  action: 'associate' | 'unassociate',
  summary: string,
  groups: RepositoryGroups,
  { store, now }: GroupParts,
): Route {
  const repositories = new Repositories(store, now);
  return route({
    method: 'POST',
    path: `${groupPath}actions/${action}/`,
    operation: 'EXECUTE',
    summary,
    body: z.strictObject({ criteria: z.record(z.string(), z.unknown()).nullish() }),
    isBodyOptional: true,
    answer: { status: 200, schema: z.array(z.string()) },
    refusals: [404],
    handle: async ({ params, body }) => {
      const criteria = readCriteria(body.criteria ?? {}, repositorySearchable);
      if (criteria instanceof Failure) return criteria;
      if ((await groups.byId(params.group)) === undefined) return missingGroup(params.group);
      const meant = await repositories.find({ ...criteria.query, fields: [] });
      const ids = meant.map(({ _id }) => _id);
      const result = await groups[action](params.group, ids);
      if (result.outcome === 'updated') return ok(result.group.repo_ids);
      return result.outcome === 'full' ? tooMany('criteria') : missingGroup(params.group);
    },
  });
}

function publishRoute(groups: RepositoryGroups, { tasks }: GroupParts): Route {
  return route({
    method: 'POST',
    path: `${groupPath}actions/publish/`,
    operation: 'EXECUTE',
    summary: 'Publishes all repositories of a group by their distributors of one type',
    body: z.strictObject({ id: z.string(), override_config: storableObject.nullish() }),
    answer: { status: 202, schema: callReportSchema },
    refusals: [404],
    handle: async ({ params: { group }, body }) => {
      if ((await groups.byId(group)) === undefined) return missingGroup(group);
      const given = { group, distributor: body.id, override_config: body.override_config ?? {} };
      return submitTask(tasks, publishGroupSubmission(given));
    },
  });
}

function tooMany(property: string): Failure {
  const { groupRepositoriesMax } = repositoryLimits;
  return invalidValue(property, `a group has at most ${groupRepositoriesMax} repositories`);
}

function missingGroup(id: string): Failure {
  return missingResource({ repo_group: id });
}
