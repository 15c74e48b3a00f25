/** Has a repository deleted. */

import { resourceOf } from '../../people/resource.ts';
import { Repositories } from '../../repositories/repositories.ts';
import { deleteSubmission } from '../../repository-tasks/delete.ts';
import { missingResource } from '../failures.ts';
import { Failure, type Outcome } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { forgetResources } from '../people/kept-grants.ts';
import { submitTask } from '../submit-task.ts';

/** What was granted on it goes at once: another of the same name is another. */
export async function deleteRepository(
  id: string,
  { store, tasks, now }: Pick<ApiParts, 'store' | 'tasks' | 'now'>,
): Promise<Outcome> {
  const repository = await new Repositories(store, now).byId(id);
  if (repository === undefined) return missingResource({ repository: id });
  const outcome = await submitTask(tasks, deleteSubmission(id));
  if (!(outcome instanceof Failure)) await forgetResources(store, [resourceOf('repositories', id)]);
  return outcome;
}
