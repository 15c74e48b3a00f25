/** Repositories: listed, made, shown, changed, deleted and searched. */

import { z } from 'zod';
import type { Repository } from '../../repositories/documents.ts';
import { Repositories } from '../../repositories/repositories.ts';
import { everything } from '../../stores/filter.ts';
import { callReportSchema } from '../call-report.ts';
import { queryBoolean } from '../check-input.ts';
import { missingResource } from '../failures.ts';
import { ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { changeRepository, repositoryChangeBody } from '../repositories/change-repository.ts';
import { createRepository, newRepositoryBody } from '../repositories/create-repository.ts';
import { deleteRepository } from '../repositories/delete-repository.ts';
import { repositorySearchable } from '../repositories/searchable.ts';
import {
  repositoryPath,
  repositorySchema,
  showRepository,
} from '../repositories/show-repository.ts';
import { one, type Route, route } from '../route.ts';
import { searchRoutes } from '../search-routes.ts';

const shown = {
  details: one(queryBoolean),
  importers: one(queryBoolean),
  distributors: one(queryBoolean),
} as const;

export function createRepositoryRoutes(parts: ApiParts): Route[] {
  const repositories = new Repositories(parts.store, parts.now);
  return [
    route({
      method: 'GET',
      path: '/v2/repositories/',
      operation: 'READ',
      summary: 'All repositories',
      query: shown,
      answer: { status: 200, schema: z.array(repositorySchema) },
      handle: async ({ query }) => {
        const all = await repositories.find({ filter: everything });
        return ok(all.map((repository) => showRepository(repository, query)));
      },
    }),
    route({
      method: 'POST',
      path: '/v2/repositories/',
      operation: 'CREATE',
      summary: 'Makes a repository, with its importer and its distributors',
      body: newRepositoryBody,
      answer: { status: 201, schema: repositorySchema },
      refusals: [409],
      handle: ({ body, caller }) => createRepository(body, caller, parts),
    }),
    ...searchRoutes('/v2/repositories/search/', 'Repositories that the criteria mean', {
      searchable: repositorySearchable,
      result: repositorySchema,
      flags: Object.keys(shown),
      find: async (query, flags) => {
        const chosen = Object.fromEntries([...flags].map((name) => [name, true]));
        return (await repositories.find(query)).map((each) => showRepository(each, chosen));
      },
    }),
    ...createOneRepositoryRoutes(parts, repositories),
  ];
}

function createOneRepositoryRoutes(parts: ApiParts, repositories: Repositories): Route[] {
  return [
    route({
      method: 'GET',
      path: repositoryPath,
      operation: 'READ',
      summary: 'One repository',
      query: shown,
      answer: { status: 200, schema: repositorySchema },
      refusals: [404],
      handle: async ({ params, query }) => {
        const repository: Repository | undefined = await repositories.byId(params.repository);
        return repository === undefined
          ? missingResource({ repository: params.repository })
          : ok(showRepository(repository, query));
      },
    }),
    route({
      method: 'PUT',
      path: repositoryPath,
      operation: 'UPDATE',
      summary: 'Changes a repository and its importer at once, and its distributors by tasks',
      body: repositoryChangeBody,
      answer: { status: 200, also: 202, schema: callReportSchema },
      refusals: [404],
      handle: ({ params, body }) => changeRepository(params.repository, body, parts),
    }),
    route({
      method: 'DELETE',
      path: repositoryPath,
      operation: 'DELETE',
      summary: 'Deletes a repository with all that is published of it, by a task',
      answer: { status: 202, schema: callReportSchema },
      refusals: [404],
      handle: ({ params }) => deleteRepository(params.repository, parts),
    }),
  ];
}
