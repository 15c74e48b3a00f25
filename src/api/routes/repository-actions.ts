/** What is done with a repository as a whole: each is a task, which the call names. */

import { z } from 'zod';
import { Distributions } from '../../repositories/distributions.ts';
import { Publications } from '../../repositories/publications.ts';
import { Repositories } from '../../repositories/repositories.ts';
import { distributorOf } from '../../repositories/repository-parts.ts';
import { downloadSubmission } from '../../repository-tasks/download.ts';
import { publishSubmission } from '../../repository-tasks/publish.ts';
import { rollbackSubmission } from '../../repository-tasks/rollback.ts';
import { syncSubmission } from '../../repository-tasks/sync-submission.ts';
import type { Submission } from '../../tasks/queue.ts';
import { callReportSchema } from '../call-report.ts';
import { invalidRequest, missingResource } from '../failures.ts';
import { type Failure, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { publicationSchema, showPublication } from '../repositories/show-publication.ts';
import { distributorPath, repositoryPath } from '../repositories/show-repository.ts';
import { type Route, type RoutePath, route } from '../route.ts';
import { storableObject } from '../storable-object.ts';
import { submitTask } from '../submit-task.ts';

type ActionParts = Pick<ApiParts, 'store' | 'tasks' | 'now'>;

const override = storableObject.nullish();

export function createRepositoryActionRoutes(parts: ActionParts): Route[] {
  return [
    action(parts, {
      path: `${repositoryPath}actions/sync/`,
      summary: 'Takes over what the feed of the repository has',
      body: z.strictObject({ override_config: override }),
      isBodyOptional: true,
      submission: (repository, { override_config }) =>
        syncSubmission({ repository, override_config: override_config ?? {} }),
    }),
    action(parts, {
      path: `${repositoryPath}actions/publish/`,
      summary: 'Publishes what is in the repository by one of its distributors',
      body: z.strictObject({ id: z.string(), override_config: override }),
      // Whether there is such a distributor the task says, as in Pulp.
      submission: (repository, { id, override_config }) =>
        publishSubmission({
          ...{ repository, distributor: id, override_config: override_config ?? {} },
        }),
    }),
    action(parts, {
      path: `${repositoryPath}actions/download/`,
      summary: 'Looks whether all bytes of the repository are there, and are the right ones',
      body: z.strictObject({ verify_all_units: z.unknown().optional() }),
      isBodyOptional: true,
      check: ({ verify_all_units: verifies }) =>
        verifies == null || typeof verifies === 'boolean' ? undefined : noBoolean(),
      submission: (repository, { verify_all_units: verifies }) =>
        downloadSubmission({ repository, verify_all_units: verifies === true }),
    }),
    action(parts, {
      path: `${repositoryPath}actions/rollback/`,
      summary: 'Serves an earlier publication of a distributor again',
      body: z.strictObject({ id: z.string(), publication: z.string().nullish() }),
      submission: (repository, { id, publication }) =>
        rollbackSubmission({ repository, distributor: id, publication: publication ?? null }),
    }),
    publicationsRoute(parts),
  ];
}

interface Action<Body extends z.ZodObject> {
  readonly path: RoutePath;
  readonly summary: string;
  readonly body: Body;
  readonly isBodyOptional?: boolean;
  /** What a schema would refuse with another code. */
  readonly check?: (body: z.output<Body>) => Failure | undefined;
  readonly submission: (repository: string, body: z.output<Body>) => Submission;
}

function action<Body extends z.ZodObject>(
  { store, tasks, now }: ActionParts,
  { path, summary, body, isBodyOptional = false, check, submission }: Action<Body>,
): Route {
  const repositories = new Repositories(store, now);
  return route({
    method: 'POST',
    path,
    operation: 'EXECUTE',
    summary,
    body,
    isBodyOptional,
    answer: { status: 202, schema: callReportSchema },
    refusals: [404],
    handle: async ({ params, body: given }) => {
      const refusal = check?.(given as z.output<Body>);
      if (refusal !== undefined) return refusal;
      const { repository = '' } = params as { readonly repository?: string };
      if ((await repositories.byId(repository)) === undefined) {
        return missingResource({ repository });
      }
      return submitTask(tasks, submission(repository, given as z.output<Body>));
    },
  });
}

function noBoolean(): Failure {
  return invalidRequest('PLP1010', 'verify_all_units should be true or false.', {
    property_names: ['verify_all_units'],
  });
}

function publicationsRoute({ store, now }: ActionParts): Route {
  const repositories = new Repositories(store, now);
  const publications = new Publications(store, now);
  const distributions = new Distributions(store, now);
  return route({
    method: 'GET',
    path: `${distributorPath}publications/`,
    operation: 'READ',
    summary: 'What a distributor has published and is kept, the latest first',
    answer: { status: 200, schema: z.array(publicationSchema) },
    refusals: [404],
    handle: async ({ params: { repository: id, distributor } }) => {
      const repository = await repositories.byId(id);
      if (repository === undefined) return missingResource({ repository: id });
      if (distributorOf(repository, distributor) === undefined) {
        return missingResource({ repo_id: id, distributor_id: distributor });
      }
      const all = await publications.ofRepository(id, distributor);
      const served = await distributions.ofRepository(id, distributor);
      return ok(all.map((publication) => showPublication(publication, served, now())));
    },
  });
}
