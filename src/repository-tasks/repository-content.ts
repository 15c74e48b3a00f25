/** What the tasks that change the units of a repository have in common. */

import { ContentChange } from '../repositories/content-changes.ts';
import type { Repository } from '../repositories/documents.ts';
import { Repositories } from '../repositories/repositories.ts';
import { Units } from '../repositories/units.ts';
import { importerType, unitTypeIds } from '../repository-types/all-types.ts';
import { signatureOption } from '../repository-types/importer-fields.ts';
import { packageTypes } from '../sync/synced-unit.ts';
import { type RunningTask, TaskFailure } from '../tasks/kind.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { publishSubmission } from './publish.ts';
import { missingResource } from './submission.ts';

/** The parts that every one of them needs. */
export class RepositoryContent {
  readonly units: Units;
  readonly #repositories: Repositories;
  readonly #now: () => Date;

  constructor({ store, now }: Pick<RepositoryTaskParts, 'store' | 'now'>) {
    this.#repositories = new Repositories(store, now);
    this.units = new Units(store, now);
    this.#now = now;
  }

  /** @throws TaskFailure when there is none */
  async repository(id: string): Promise<Repository> {
    const found = await this.#repositories.byId(id);
    if (found === undefined) throw missingResource({ repository: id });
    return found;
  }

  change(repository: string): ContentChange {
    const { units } = this;
    const repositories = this.#repositories;
    return new ContentChange(
      { repositories, units, typeIds: unitTypeIds, now: this.#now },
      repository,
    );
  }
}

/** @throws TaskFailure when the importer of the repository takes no units of the type, or there is none */
export function checkTakes({ _id, importer }: Repository, typeId: string): void {
  const known = importer === null ? undefined : importerType(importer.importer_type_id);
  if (known?.unitTypes.includes(typeId)) return;
  const state = known === undefined ? 'it has no importer' : `its importer is ${known.id}`;
  throw new TaskFailure(
    'PLP0044',
    `Cannot add units of the type ${typeId} to the repository ${_id}: ${state}`,
    { importer_id: known?.id ?? null, types: [typeId] },
  );
}

/**
 * @param types of what is to be added; undefined for whatever there is
 * @throws TaskFailure when packages are, and the importer wants their signatures verified, which nothing does
 */
export function checkSignatures(
  { _id, importer }: Repository,
  types: readonly string[] = packageTypes,
): void {
  const option = importer === null ? undefined : signatureOption(importer.config);
  if (option === undefined || !types.some((type) => packageTypes.includes(type))) return;
  throw new TaskFailure(
    'PLP0014',
    `Cannot add packages to the repository ${_id}: its importer has ${option}, and signatures of packages are not verified; leave it out`,
    { operation_name: option },
  );
}

/** Publishes that find nothing new are over at once, so that each change may ask for them. */
export async function publishAutomatically(
  task: RunningTask,
  { _id, distributors }: Repository,
): Promise<void> {
  for (const { id, auto_publish: isWanted } of distributors) {
    if (isWanted) await task.spawn(publishSubmission({ repository: _id, distributor: id }));
  }
}
