/** The importer of a repository: there is one, or none. */

import { z } from 'zod';
import type { Importer } from '../../repositories/documents.ts';
import { Repositories } from '../../repositories/repositories.ts';
import {
  addImporterSubmission,
  removeImporterSubmission,
  updateImporterSubmission,
} from '../../repository-tasks/importers.ts';
import { callReportSchema } from '../call-report.ts';
import { missingResource } from '../failures.ts';
import { Failure, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { readImporter, readImporterChange } from '../repositories/plugin-config.ts';
import {
  importerPath,
  importerSchema,
  repositoryPath,
  showImporter,
} from '../repositories/show-repository.ts';
import { type Route, route } from '../route.ts';
import { storableObject } from '../storable-object.ts';
import { submitTask } from '../submit-task.ts';

type ImporterParts = Pick<ApiParts, 'store' | 'tasks' | 'now'>;

const answer = { status: 202, schema: callReportSchema } as const;

export function createImporterRoutes(parts: ImporterParts): Route[] {
  const repositories = new Repositories(parts.store, parts.now);
  return [
    route({
      method: 'GET',
      path: `${repositoryPath}importers/`,
      operation: 'READ',
      summary: 'The importer of a repository, in a list',
      answer: { status: 200, schema: z.array(importerSchema) },
      refusals: [404],
      handle: async ({ params: { repository: id } }) => {
        const repository = await repositories.byId(id);
        if (repository === undefined) return missingResource({ repository: id });
        const { importer } = repository;
        return ok(importer === null ? [] : [showImporter(id, importer)]);
      },
    }),
    route({
      method: 'POST',
      path: `${repositoryPath}importers/`,
      operation: 'CREATE',
      summary: 'Gives a repository an importer, in the place of any other, by a task',
      body: z.strictObject({
        importer_type_id: z.string(),
        importer_config: storableObject.nullish(),
      }),
      answer,
      refusals: [404],
      handle: async ({ params: { repository }, body }) => {
        if ((await repositories.byId(repository)) === undefined) {
          return missingResource({ repository });
        }
        const read = readImporter(body.importer_type_id, body.importer_config ?? {});
        if (read instanceof Failure) return read;
        const given = { repository, importer: read.type.id, config: read.config };
        return submitTask(parts.tasks, addImporterSubmission(given));
      },
    }),
    ...createOneImporterRoutes(parts, repositories),
  ];
}

function createOneImporterRoutes({ tasks }: ImporterParts, repositories: Repositories): Route[] {
  const find = async (repository: string, id: string): Promise<Importer | Failure> => {
    const found = await repositories.byId(repository);
    if (found === undefined) return missingResource({ repository });
    const { importer } = found;
    if (importer?.importer_type_id === id) return importer;
    return missingResource({ repo_id: repository, importer_id: id });
  };
  return [
    route({
      method: 'GET',
      path: importerPath,
      operation: 'READ',
      summary: 'The importer of a repository',
      answer: { status: 200, schema: importerSchema },
      refusals: [404],
      handle: async ({ params: { repository, importer: id } }) => {
        const importer = await find(repository, id);
        return importer instanceof Failure ? importer : ok(showImporter(repository, importer));
      },
    }),
    route({
      method: 'PUT',
      path: importerPath,
      operation: 'UPDATE',
      summary: 'Changes the configuration of an importer by a task; null takes a name away',
      body: z.strictObject({ importer_config: storableObject }),
      answer,
      refusals: [404],
      handle: async ({ params: { repository, importer: id }, body: { importer_config: sent } }) => {
        const importer = await find(repository, id);
        if (importer instanceof Failure) return importer;
        const read = readImporterChange(importer, sent);
        if (read instanceof Failure) return read;
        const { change: config } = read;
        return submitTask(tasks, updateImporterSubmission({ repository, importer: id, config }));
      },
    }),
    route({
      method: 'DELETE',
      path: importerPath,
      operation: 'DELETE',
      summary: 'Takes the importer from a repository by a task; what it brought stays',
      answer,
      refusals: [404],
      handle: async ({ params: { repository, importer: id } }) => {
        const importer = await find(repository, id);
        if (importer instanceof Failure) return importer;
        return submitTask(tasks, removeImporterSubmission({ repository, importer: id }));
      },
    }),
  ];
}
