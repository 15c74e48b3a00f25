/** Every kind of task of repositories, by its name: a row here has it done. */

import type { TaskKind } from '../tasks/kind.ts';
import type { TaskKinds } from '../tasks/runner.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { createPublishKind } from './publish.ts';
import { createRemoveOrphansKind } from './remove-orphans.ts';
import { createRollbackKind } from './rollback.ts';

type CreateKind = (parts: RepositoryTaskParts) => TaskKind;

const creators: Readonly<Record<string, CreateKind>> = {
  'repository.publish': createPublishKind,
  'repository.rollback': createRollbackKind,
  'orphans.remove': createRemoveOrphansKind,
};

export function createRepositoryTaskKinds(parts: RepositoryTaskParts): TaskKinds {
  return new Map(Object.entries(creators).map(([name, create]) => [name, create(parts)]));
}
