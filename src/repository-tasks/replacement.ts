/** Units that come into a repository one by one, and those that give way to them. */

import type { ContentChange } from '../repositories/content-changes.ts';
import type { Unit } from '../repositories/documents.ts';
import type { NewUnit } from '../repositories/new-unit.ts';
import { canonicalJson } from '../repositories/unit-digests.ts';
import type { Units } from '../repositories/units.ts';
import type { Artifacts, ReceivedFile } from '../storage/storage.ts';
import { parseFilter } from '../stores/parse-filter.ts';
import { TaskFailure } from '../tasks/kind.ts';

/** Whether a unit of the same key is the same: a key with a digest in it says so by itself. */
function isSame({ artifact, fields }: Unit, given: NewUnit): boolean {
  if (artifact?.sha256 !== given.artifact?.sha256) return false;
  return given.artifact !== null || canonicalJson(fields) === canonicalJson(given.fields);
}

export interface Arrival {
  readonly given: NewUnit;
  /** Undefined for a unit without one. */
  readonly file: ReceivedFile | undefined;
  readonly signal: AbortSignal;
}

export class Replacement {
  readonly #units: Units;
  readonly #artifacts: Artifacts;

  constructor(units: Units, artifacts: Artifacts) {
    this.#units = units;
    this.#artifacts = artifacts;
  }

  /**
   * Lets a unit into a repository, as it is given: another one of its key gives way.
   *
   * @returns the unit as it was before, and whether it came in by this
   * @throws TaskFailure when other repositories have the other one
   */
  async letIn(
    { given, file, signal }: Arrival,
    change: ContentChange,
    repository: string,
  ): Promise<{ readonly unit: Unit; readonly isAdded: boolean }> {
    for (;;) {
      signal.throwIfAborted();
      const { unit } = await this.#units.insertPending(given);
      if (!isSame(unit, given)) {
        await this.#supersede(unit, change, repository);
        continue;
      }
      if (file !== undefined) await this.#artifacts.keep(file);
      if (!unit.repositories.includes(repository)) await change.announce();
      const settled = await this.#units.settle(unit._id, repository);
      // Whoever removes orphans was faster.
      if (settled !== undefined) return { unit, isAdded: settled.isAdded };
    }
  }

  /**
   * Takes a unit away whose key another one needs, as an erratum of which there is a new version. It has
   * to be this repository's alone: nobody changes what others have.
   *
   * @throws TaskFailure when others have it
   */
  async #supersede(unit: Unit, change: ContentChange, repository: string): Promise<void> {
    const others = unit.repositories.filter((each) => each !== repository);
    if (others.length > 0) {
      throw new TaskFailure(
        'PLP0047',
        `Cannot take the unit: another one of the same key is in ${others.length} other repositories`,
        { unit_id: unit._id },
      );
    }
    if (unit.repositories.length > 0) {
      await change.announce();
      await this.#units.dissociate([unit._id], repository);
    }
    const orphan = await this.#units.byId(unit._id);
    if (orphan !== undefined) await removeOrphan(orphan, this.#units, this.#artifacts);
  }

  /** Takes out what `units` replace, which the repository has. @returns whether something left it */
  async dissociateReplaced(
    units: readonly Unit[],
    change: ContentChange,
    repository: string,
  ): Promise<boolean> {
    const digests = units.flatMap(({ replaces_digest: digest }) => digest ?? []);
    if (digests.length === 0) return false;
    const filter = parseFilter({ replaces_digest: { $in: digests }, repositories: repository });
    const equal = await this.#units.find({ filter, fields: [] });
    const staying = new Set(units.map(({ _id }) => _id));
    const replaced = equal.map(({ _id }) => _id).filter((id) => !staying.has(id));
    if (replaced.length === 0) return false;
    await change.announce();
    return (await this.#units.dissociate(replaced, repository)).changed.length > 0;
  }
}

/**
 * Removes a unit that no repository has, and then its bytes unless another unit has them.
 *
 * @returns whether it is gone by this; somebody may have let it into a repository
 */
export async function removeOrphan(
  unit: Unit,
  units: Units,
  artifacts: Artifacts,
): Promise<boolean> {
  if ((await units.removeOrphan(unit)) !== 'removed') return false;
  const { artifact } = unit;
  if (artifact !== null) {
    const { sha256 } = artifact;
    await artifacts.removeUnless(sha256, () => units.isArtifactReferred(sha256));
  }
  return true;
}
