/**
 * Remembers which units a task takes out that may take only so many: without, one that is begun again would
 * take as many once more. Units are chosen in the repository's document first, and taken out then.
 */

import type { LimitedRemoval } from '../repositories/documents.ts';
import { Repositories } from '../repositories/repositories.ts';
import type { RunningTask } from '../tasks/kind.ts';
import type { RepositoryTaskParts } from './parts.ts';

export class ChosenUnits {
  readonly #repositories: Repositories;
  readonly #task: string;
  readonly #repository: string;
  #count = 0;

  constructor(
    { store, now }: Pick<RepositoryTaskParts, 'store' | 'now'>,
    { taskId }: Pick<RunningTask, 'taskId'>,
    repository: string,
  ) {
    this.#repositories = new Repositories(store, now);
    this.#task = taskId;
    this.#repository = repository;
  }

  /** Those of all attempts. */
  get count(): number {
    return this.#count;
  }

  /** Takes up what an earlier attempt began. @returns the ids that it chose last */
  async resume(): Promise<readonly string[]> {
    const found = await this.#repositories.byId(this.#repository);
    const begun = found?.limited_removal;
    if (begun?.task !== this.#task) return [];
    this.#count = begun.chosen;
    return begun.ids;
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
