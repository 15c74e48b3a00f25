/** What the tasks of repositories have in common: their tags, by which clients find them, and resources. */

import type { JsonObject } from '../repositories/documents.ts';
import { TaskFailure } from '../tasks/kind.ts';
import type { Submission } from '../tasks/queue.ts';

/** Tasks that name it are done one at a time for each repository, in order. */
export function repositoryResource(repository: string): string {
  return `repository:${repository}`;
}

export function repositoryTag(repository: string): string {
  return `pulp:repository:${repository}`;
}

/** @param action in Pulp's word, as `delete` */
export function actionTag(action: string): string {
  return `pulp:action:${action}`;
}

/** A task of one repository. */
export function repositorySubmission(
  name: string,
  action: string,
  given: JsonObject & { readonly repository: string },
  tags: readonly string[] = [],
): Submission {
  const { repository } = given;
  return {
    name,
    arguments: given,
    tags: [repositoryTag(repository), ...tags, actionTag(action)],
    resources: [repositoryResource(repository)],
  };
}

/** What a task ends with when something that it is about is not there. @param resources type to id */
export function missingResource(resources: Readonly<Record<string, string>>): TaskFailure {
  const names = Object.entries(resources).map(([type, id]) => `${type}=${id}`);
  return new TaskFailure('PLP0009', `Missing resource(s): ${names.join(', ')}`, { resources });
}
