/**
 * What a repository says of its units, kept right while they change. A change is announced before its first
 * unit, so that whoever dies in the middle has not left units that no publish would look at; and counted
 * after its last one, from what is there then.
 */

import type { Repositories } from './repositories.ts';
import type { Units } from './units.ts';

export interface ContentChangeParts {
  readonly repositories: Repositories;
  readonly units: Units;
  /** The ids of all types of units that there are. */
  readonly typeIds: readonly string[];
  readonly now: () => Date;
}

export interface ContentChanged {
  readonly isAdded: boolean;
  readonly isRemoved: boolean;
}

/** One change of the units of one repository, by whoever has it for themselves. */
export class ContentChange {
  readonly #parts: ContentChangeParts;
  readonly #repository: string;
  #isAnnounced = false;

  constructor(parts: ContentChangeParts, repository: string) {
    this.#parts = parts;
    this.#repository = repository;
  }

  /** To be called before each change of a unit; the first time it counts. */
  async announce(): Promise<void> {
    if (this.#isAnnounced) return;
    await this.#parts.repositories.update(this.#repository, (repository) => ({
      ...repository,
      content_revision: repository.content_revision + 1,
    }));
    this.#isAnnounced = true;
  }

  /** To be called at the end, whether anything changed or not: what came before may have been cut off. */
  async conclude({ isAdded, isRemoved }: ContentChanged): Promise<void> {
    const { repositories, units, typeIds, now } = this.#parts;
    const counts = await units.countsOf(this.#repository, typeIds);
    const at = now();
    await repositories.update(this.#repository, (repository) => ({
      ...repository,
      content_unit_counts: counts,
      last_unit_added: isAdded ? at : repository.last_unit_added,
      last_unit_removed: isRemoved ? at : repository.last_unit_removed,
    }));
  }
}
