/** What is done with a group of repositories: who is in it, and its publishing. */

import { z } from 'zod';
import type { RepositoryGroups } from '../../repositories/groups.ts';
import { repositoryLimits } from '../../repositories/limits.ts';
import { Repositories } from '../../repositories/repositories.ts';
import { publishGroupSubmission } from '../../repository-tasks/publish-group.ts';
import { callReportSchema } from '../call-report.ts';
import { readCriteria } from '../criteria.ts';
import { invalidValue, missingResource } from '../failures.ts';
import { Failure, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { rightsToGroup } from '../repositories/rights.ts';
import { repositorySearchable } from '../repositories/searchable.ts';
import { groupPath } from '../repositories/show-group.ts';
import { type Route, route } from '../route.ts';
import { storableObject } from '../storable-object.ts';
import { submitTask } from '../submit-task.ts';

type GroupParts = Pick<ApiParts, 'store' | 'tasks' | 'people' | 'now'>;

export function createRepositoryGroupActionRoutes(
  groups: RepositoryGroups,
  parts: GroupParts,
): Route[] {
  return [
    membersRoute(
      'associate',
      'Adds those repositories that the criteria mean and the caller may publish',
      groups,
      parts,
    ),
    membersRoute('unassociate', 'Takes out the repositories that the criteria mean', groups, parts),
    publishRoute(groups, parts),
  ];
}

/** Without criteria all repositories are meant, as in Pulp. */
function membersRoute(
  action: 'associate' | 'unassociate',
  summary: string,
  groups: RepositoryGroups,
  parts: GroupParts,
): Route {
  const repositories = new Repositories(parts.store, parts.now);
  return route({
    method: 'POST',
    path: `${groupPath}actions/${action}/`,
    operation: 'EXECUTE',
    summary,
    body: z.strictObject({ criteria: z.record(z.string(), z.unknown()).nullish() }),
    isBodyOptional: true,
    answer: { status: 200, schema: z.array(z.string()) },
    refusals: [404],
    handle: async ({ params, body, caller }) => {
      const criteria = readCriteria(body.criteria ?? {}, repositorySearchable);
      if (criteria instanceof Failure) return criteria;
      if ((await groups.byId(params.group)) === undefined) return missingGroup(params.group);
      const meant = await repositories.find({ ...criteria.query, fields: [] });
      const mayAdd = await rightsToGroup(caller, parts.people);
      const ids = meant
        .map(({ _id }) => _id)
        .filter((id) => action === 'unassociate' || mayAdd(id));
      const result = await groups[action](params.group, ids);
      if (result.outcome === 'updated') return ok(result.group.repo_ids);
      return result.outcome === 'full' ? tooManyMembers('criteria') : missingGroup(params.group);
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

export function tooManyMembers(property: string): Failure {
  const { groupRepositoriesMax } = repositoryLimits;
  return invalidValue(property, `a group has at most ${groupRepositoriesMax} repositories`);
}

export function missingGroup(id: string): Failure {
  return missingResource({ repo_group: id });
}
