/**
 * Remembers which units a task takes out that may take only so many: without, one that is begun again would
 * take as many once more. Units are chosen in the repository's document first, and taken out then.
 */

import type { LimitedRemoval, Repository } from '../repositories/documents.ts';
import { Repositories } from '../repositories/repositories.ts';
import type { RunningTask } from '../tasks/kind.ts';
import type { RepositoryTaskParts } from './parts.ts';

export class ChosenUnits {
  readonly #repositories: Repositories;
  readonly #task: string;
  readonly #repository: string;
  /** The ids that an earlier attempt chose last. */
  readonly begun: readonly string[];
  #count: number;

  /** @param repository as this attempt found it */
  constructor(
    { store, now }: Pick<RepositoryTaskParts, 'store' | 'now'>,
    { taskId }: Pick<RunningTask, 'taskId'>,
    { _id, limited_removal: last }: Repository,
  ) {
    this.#repositories = new Repositories(store, now);
    this.#task = taskId;
    this.#repository = _id;
    const begun = last?.task === taskId ? last : undefined;
    this.#count = begun?.chosen ?? 0;
    this.begun = begun?.ids ?? [];
  }

  /** Those of all attempts. */
  get count(): number {
    return this.#count;
  }

  /** To be called before units are taken out. */
  async choose(ids: readonly string[]): Promise<void> {
    this.#count += ids.length;
    const begun: LimitedRemoval = { task: this.#task, chosen: this.#count, ids };
    await this.#repositories.update(this.#repository, (repository) => ({
      ...repository,
      limited_removal: begun,
    }));
  }
}
