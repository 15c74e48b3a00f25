/** The importer of a repository: another one, another configuration, or none. Done again, each does the same. */

import type { Importer, JsonObject } from '../repositories/documents.ts';
import { Repositories } from '../repositories/repositories.ts';
import { Schedules } from '../repositories/schedules.ts';
import { importerType } from '../repository-types/all-types.ts';
import { mergeFeedConfig } from '../repository-types/feed-url.ts';
import type { TaskKind } from '../tasks/kind.ts';
import type { Submission } from '../tasks/queue.ts';
import { configOf } from './config-of.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { scheduleResource } from './schedule-resource.ts';
import { missingResource, repositorySubmission } from './submission.ts';

export function createAddImporterKind(parts: RepositoryTaskParts): TaskKind {
  const repositories = new Repositories(parts.store, parts.now);
  return {
    whenLost: 'retry',
    run: async ({ arguments: given }) => {
      const { repository, importer, config } = given as unknown as ImporterArguments;
      const read = configOf(importerType(importer), config);
      const former = (await repositories.byId(repository))?.importer?.importer_type_id;
      const result = await repositories.setImporter(repository, {
        importer_type_id: importer,
        config: read,
      });
      if (result.outcome === 'missing') throw missingResource({ repository });
      if (former !== undefined && former !== importer) {
        await endSchedules(parts, repository, former);
      }
      return null;
    },
  };
}

export function addImporterSubmission(given: ImporterArguments): Submission {
  return repositorySubmission('repository.add_importer', 'add_importer', given, [tagOf(given)]);
}

export function createUpdateImporterKind(parts: RepositoryTaskParts): TaskKind {
  const repositories = new Repositories(parts.store, parts.now);
  return {
    whenLost: 'retry',
    run: async ({ arguments: given }) => {
      const { repository, importer, config } = given as unknown as ImporterArguments;
      const result = await repositories.updateImporter(repository, importer, (present) =>
        changedImporter(present, config, parts.now()),
      );
      if (result.outcome !== 'updated') {
        throw missingResource({ repo_id: repository, importer_id: importer });
      }
      return null;
    },
  };
}

/** @param config names to take over, those with null to take away */
export function updateImporterSubmission(given: ImporterArguments): Submission {
  return repositorySubmission('repository.update_importer', 'update_importer', given, [
    tagOf(given),
  ]);
}

/** @throws TaskFailure PLP1014 for a configuration that the type refuses */
export function changedImporter(importer: Importer, config: JsonObject, now: Date): Importer {
  const merged = mergeFeedConfig(importer.config, config);
  const read = configOf(importerType(importer.importer_type_id), merged);
  return { ...importer, config: read, last_updated: now };
}

export function createRemoveImporterKind(parts: RepositoryTaskParts): TaskKind {
  const repositories = new Repositories(parts.store, parts.now);
  return {
    whenLost: 'retry',
    run: async ({ arguments: given, attempt }) => {
      const { repository, importer } = given as unknown as Omit<ImporterArguments, 'config'>;
      await endSchedules(parts, repository, importer);
      const { outcome } = await repositories.removeImporter(repository, importer);
      // An attempt before may have done it.
      if (outcome !== 'updated' && attempt === 1) {
        throw missingResource({ repo_id: repository, importer_id: importer });
      }
      return null;
    },
  };
}

async function endSchedules(
  { store, now }: RepositoryTaskParts,
  repository: string,
  id: string,
): Promise<void> {
  const resource = scheduleResource({ kind: 'importer', repository, id });
  await new Schedules(store, now).removeAll(repository, resource);
}

export function removeImporterSubmission(given: Omit<ImporterArguments, 'config'>): Submission {
  return repositorySubmission('repository.remove_importer', 'delete_importer', given, [
    tagOf(given),
  ]);
}

export type ImporterArguments = {
  readonly repository: string;
  /** Its type is its id. */
  readonly importer: string;
  readonly config: JsonObject;
};

function tagOf({ importer }: Pick<ImporterArguments, 'importer'>): string {
  return `pulp:repository_importer:${importer}`;
}
