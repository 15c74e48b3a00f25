/** Publishes all repositories of a group: each by its distributors of the type that the group names. */

import type { JsonObject } from '../repositories/documents.ts';
import { RepositoryGroups } from '../repositories/groups.ts';
import { mergeObject } from '../repositories/merge.ts';
import { Repositories } from '../repositories/repositories.ts';
import type { RunningTask, TaskKind } from '../tasks/kind.ts';
import type { Submission } from '../tasks/queue.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { publishSubmission } from './publish.ts';
import { actionTag, missingResource } from './submission.ts';

export type PublishGroupArguments = {
  readonly group: string;
  /** The id of the group's distributor. */
  readonly distributor: string;
  readonly override_config: JsonObject;
};

export function publishGroupSubmission(given: PublishGroupArguments): Submission {
  const { group, distributor } = given;
  return {
    name: 'repository_group.publish',
    arguments: given,
    tags: [
      `pulp:repository_group:${group}`,
      `pulp:repository_group_distributor:${distributor}`,
      actionTag('publish'),
    ],
    resources: [`repository_group:${group}`],
  };
}

/** Each publish is a task of its own; a second attempt submits none anew. */
export function createPublishGroupKind(parts: RepositoryTaskParts): TaskKind {
  const groups = new RepositoryGroups(parts.store);
  return {
    whenLost: 'retry',
    run: async (task) => {
      const given = task.arguments as unknown as PublishGroupArguments;
      const group = await groups.byId(given.group);
      const distributor = group?.distributors.find(({ id }) => id === given.distributor);
      if (group === undefined || distributor === undefined) {
        throw missingResource({ repo_group: given.group, distributor_id: given.distributor });
      }
      const override = mergeObject(distributor.config, given.override_config);
      const published = await publishMembers(task, parts, group.repo_ids, (typeId) =>
        typeId === distributor.distributor_type_id ? override : undefined,
      );
      const now = parts.now();
      await groups.updateDistributor(given.group, given.distributor, (present) => ({
        ...present,
        last_publish: now,
      }));
      return { published };
    },
  };
}

/** @param overrideOf undefined for a type that is not to be published */
async function publishMembers(
  task: RunningTask,
  { store, now }: RepositoryTaskParts,
  members: readonly string[],
  overrideOf: (typeId: string) => JsonObject | undefined,
): Promise<number> {
  const repositories = new Repositories(store, now);
  let published = 0;
  for (const repository of members) {
    const found = await repositories.byId(repository);
    for (const { id, distributor_type_id: typeId } of found?.distributors ?? []) {
      const override_config = overrideOf(typeId);
      if (override_config === undefined) continue;
      await task.spawn(publishSubmission({ repository, distributor: id, override_config }));
      published += 1;
    }
  }
  return published;
}
