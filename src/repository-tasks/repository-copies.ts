/**
 * Units that name their repository in their key, as groups of packages: another repository gets a unit of
 * its own, with the same file.
 */

import type { ContentChange } from '../repositories/content-changes.ts';
import type { Unit } from '../repositories/documents.ts';
import type { NewUnit } from '../repositories/new-unit.ts';
import type { Units } from '../repositories/units.ts';
import { unitType } from '../repository-types/all-types.ts';
import type { Artifacts } from '../storage/storage.ts';
import { isSame, type Replacement } from './replacement.ts';

const repositoryField = 'repo_id';

export function isOfOneRepository({ type }: Pick<Unit, 'type'>): boolean {
  return unitType(type)?.unitKey.includes(repositoryField) ?? false;
}

export class RepositoryCopies {
  readonly #units: Units;
  readonly #artifacts: Artifacts;
  readonly #replacement: Replacement;

  constructor(units: Units, artifacts: Artifacts, replacement: Replacement) {
    this.#units = units;
    this.#artifacts = artifacts;
    this.#replacement = replacement;
  }

  /** @param source in a repository that nobody changes meanwhile, so that its file stays */
  async add(source: Unit, change: ContentChange, repository: string): Promise<void> {
    const { type, artifact, fields } = source;
    const given: NewUnit = {
      ...{ type, artifact },
      fields: { ...fields, [repositoryField]: repository },
      unitKey: unitType(type)?.unitKey ?? [],
    };
    for (;;) {
      const { unit } = await this.#units.insertPending(given);
      if (!isSame(unit, given)) {
        await this.#replacement.supersede(unit, change, repository);
        continue;
      }
      if (artifact !== null) {
        await this.#artifacts.keep({ ...artifact, path: this.#artifacts.pathOf(artifact.sha256) });
      }
      await change.announce();
      if ((await this.#units.settle(unit._id, repository)) !== undefined) return;
    }
  }
}
