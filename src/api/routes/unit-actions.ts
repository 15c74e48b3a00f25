/** What is done with the units of a repository: imported, copied from another, taken out. Each is a task. */

import { z } from 'zod';
import { readResource, resourceOf } from '../../people/resource.ts';
import { repositoriesCollection } from '../../repositories/documents.ts';
import { Uploads } from '../../repositories/uploads.ts';
import { associateSubmission, type Needs } from '../../repository-tasks/associate.ts';
import { importUploadSubmission } from '../../repository-tasks/import-upload.ts';
import { unassociateSubmission } from '../../repository-tasks/unassociate.ts';
import { unitType } from '../../repository-types/all-types.ts';
import { rightsOf } from '../authorize.ts';
import { callReportSchema } from '../call-report.ts';
import { invalidValue, missingResource } from '../failures.ts';
import { Failure } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { type Route, route } from '../route.ts';
import { storableObject } from '../storable-object.ts';
import { submitTask } from '../submit-task.ts';
import { checkAssociationCriteria } from '../units/read-criteria.ts';

type ActionParts = Pick<ApiParts, 'store' | 'tasks' | 'people' | 'now'>;

const criteriaObject = z.record(z.string(), z.unknown());

export function createUnitActionRoutes(parts: ActionParts): Route[] {
  return [importRoute(parts), associateRoute(parts), unassociateRoute(parts)];
}

function importRoute(parts: ActionParts): Route {
  const uploads = new Uploads(parts.store, parts.now);
  return route({
    method: 'POST',
    path: '/v2/repositories/{repository}/actions/import_upload/',
    operation: 'UPDATE',
    summary: 'Makes a unit of an upload, and adds it to the repository',
    body: z.strictObject({
      upload_id: z.string(),
      unit_type_id: z.string(),
      unit_key: storableObject,
      unit_metadata: storableObject.nullish(),
      // Pulp's importers have settings here; those of Portcullis have none for uploads.
      override_config: storableObject.nullish(),
    }),
    answer: { status: 202, schema: callReportSchema },
    refusals: [404],
    handle: async ({ params: { repository }, body, caller }) => {
      const missing = await missingRepository(repository, parts);
      if (missing !== undefined) return missing;
      const { upload_id: upload, unit_type_id: type } = body;
      if (unitType(type) === undefined) {
        return invalidValue('unit_type_id', 'there is no such type of units');
      }
      const found = await uploads.byId(upload);
      if (found === undefined) return missingResource({ upload_request: upload });
      if (found.creator !== caller.user._id) {
        const refuse = await rightsOf(caller, parts.people);
        const refusal = refuse('UPDATE', resourceOf('content', 'uploads', upload));
        if (refusal !== undefined) return refusal;
      }
      const { unit_key: unitKey, unit_metadata: unitMetadata } = body;
      const unit = { type, unitKey, unitMetadata: unitMetadata ?? {} };
      return submitTask(parts.tasks, importUploadSubmission({ repository, upload, unit }));
    },
  });
}

function associateRoute(parts: ActionParts): Route {
  return route({
    method: 'POST',
    path: '/v2/repositories/{repository}/actions/associate/',
    operation: 'UPDATE',
    summary: 'Copies units from another repository, which the caller may READ; no bytes are copied',
    body: z.strictObject({
      source_repo_id: z.string(),
      criteria: criteriaObject.nullish(),
      override_config: z
        .strictObject({
          recursive: z.boolean().nullish(),
          recursive_conservative: z.boolean().nullish(),
          additional_repos: z.record(z.string(), z.string()).nullish(),
        })
        .nullish(),
    }),
    answer: { status: 202, schema: callReportSchema },
    refusals: [404],
    handle: async ({ params: { repository }, body, caller }) => {
      const criteria = checkAssociationCriteria(body.criteria ?? {});
      if (criteria instanceof Failure) return criteria;
      const { additional_repos: others, ...recursion } = body.override_config ?? {};
      if (others != null && Object.keys(others).length > 0) {
        return invalidValue(
          'override_config.additional_repos',
          'what copied units need is copied from their own repository alone',
        );
      }
      const missing = await missingRepository(repository, parts);
      if (missing !== undefined) return missing;
      const { source_repo_id: source } = body;
      const known = readResource(`/v2/repositories/${source}/`);
      const unknown = invalidValue('source_repo_id', 'there is no such repository');
      if ('problem' in known) return unknown;
      // Whether it is there is told to those who may read it (T103).
      const refuse = await rightsOf(caller, parts.people);
      const refusal = refuse('READ', known.resource);
      if (refusal !== undefined) return refusal;
      if (!(await hasRepository(source, parts))) return unknown;
      const needs = neededBy(recursion);
      const given = { repository, source, criteria, ...(needs !== undefined && { needs }) };
      return submitTask(parts.tasks, associateSubmission(given));
    },
  });
}

/** Of both, the one that copies less. */
function neededBy(recursion: {
  readonly recursive?: boolean | null | undefined;
  readonly recursive_conservative?: boolean | null | undefined;
}): Needs | undefined {
  if (recursion.recursive_conservative === true) return 'missing';
  return recursion.recursive === true ? 'all' : undefined;
}

function unassociateRoute(parts: ActionParts): Route {
  return route({
    method: 'POST',
    path: '/v2/repositories/{repository}/actions/unassociate/',
    operation: 'UPDATE',
    summary: 'Takes the units that the criteria mean out of the repository',
    body: z.strictObject({ criteria: criteriaObject.nullish() }),
    isBodyOptional: true,
    answer: { status: 202, schema: callReportSchema },
    refusals: [404],
    handle: async ({ params: { repository }, body }) => {
      const criteria = checkAssociationCriteria(body.criteria ?? {});
      if (criteria instanceof Failure) return criteria;
      const missing = await missingRepository(repository, parts);
      if (missing !== undefined) return missing;
      return submitTask(parts.tasks, unassociateSubmission({ repository, criteria }));
    },
  });
}

async function missingRepository(
  repository: string,
  parts: ActionParts,
): Promise<Failure | undefined> {
  return (await hasRepository(repository, parts)) ? undefined : missingResource({ repository });
}

async function hasRepository(id: string, { store }: ActionParts): Promise<boolean> {
  return (await store.get(repositoriesCollection, id)) !== undefined;
}
