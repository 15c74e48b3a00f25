/** Every kind of task of repositories, by its name: a row here has it done. */

import type { TaskKind } from '../tasks/kind.ts';
import type { TaskKinds } from '../tasks/runner.ts';
import { createAssociateKind } from './associate.ts';
import { createDeleteKind } from './delete.ts';
import { createRemoveDistributorKind, createUpdateDistributorKind } from './distributors.ts';
import { createDownloadKind } from './download.ts';
import { telling } from './events/telling.ts';
import { createImportUploadKind } from './import-upload.ts';
import {
  createAddImporterKind,
  createRemoveImporterKind,
  createUpdateImporterKind,
} from './importers.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { createPublishKind } from './publish.ts';
import { createPublishGroupKind } from './publish-group.ts';
import { createRemoveOldPublicationsKind } from './remove-old-publications.ts';
import { createRemoveOrphansKind } from './remove-orphans.ts';
import { createRollbackKind } from './rollback.ts';
import { reportingToSchedule } from './scheduled.ts';
import { createSyncKind } from './sync.ts';
import { createUnassociateKind } from './unassociate.ts';

type CreateKind = (parts: RepositoryTaskParts) => TaskKind;

const creators: Readonly<Record<string, CreateKind>> = {
  'repository.delete': createDeleteKind,
  'repository.download': createDownloadKind,
  'repository.add_importer': createAddImporterKind,
  'repository.update_importer': createUpdateImporterKind,
  'repository.remove_importer': createRemoveImporterKind,
  'repository.update_distributor': createUpdateDistributorKind,
  'repository.remove_distributor': createRemoveDistributorKind,
  'repository.publish': telling('repo.publish', createPublishKind),
  'repository.rollback': createRollbackKind,
  'repository.remove_old_publications': createRemoveOldPublicationsKind,
  'repository.sync': telling('repo.sync', createSyncKind),
  'repository_group.publish': createPublishGroupKind,
  'repository.import_upload': createImportUploadKind,
  'repository.associate': createAssociateKind,
  'repository.unassociate': createUnassociateKind,
  'orphans.remove': createRemoveOrphansKind,
};

export function createRepositoryTaskKinds(parts: RepositoryTaskParts): TaskKinds {
  return new Map(
    Object.entries(creators).map(([name, create]) => [
      name,
      reportingToSchedule(create(parts), parts),
    ]),
  );
}
