/**
 * Finds what units need to be of use in another repository: what advisories, groups and modules are of, and
 * the packages that packages require, as far as the repository that they are copied from has them.
 */

import type { Unit } from '../../repositories/documents.ts';
import type { Units } from '../../repositories/units.ts';
import { parseFilter } from '../../stores/parse-filter.ts';
import { compareVersions } from '../../sync/version-order.ts';
import { type IndexedPackage, type PackageIndex, relationsOf } from './package-index.ts';
import { packageLabel, referredBy } from './referred-units.ts';
import { type PackageRelation, wantedBy } from './requirement.ts';

/** Units that are looked at together. */
export const neededBatch = 100;

export interface NeededUnitsParts {
  readonly units: Units;
  /** The repository that they are copied from, and its packages. */
  readonly source: string;
  readonly packages: PackageIndex;
  /** What is required and there already is not copied; undefined where that does not count. */
  readonly present: PackageIndex | undefined;
  readonly signal: AbortSignal;
}

export class NeededUnits {
  readonly #parts: NeededUnitsParts;
  readonly #chosen = new Set<string>();
  readonly #answered = new Set<string>();
  /** Those of which nobody has looked yet what they need. */
  #open: string[] = [];

  constructor(parts: NeededUnitsParts) {
    this.#parts = parts;
  }

  /** Units that are copied anyway. */
  add(units: readonly Pick<Unit, '_id'>[]): void {
    this.#choose(units.map(({ _id }) => _id));
  }

  /** The ids of whatever is needed besides, a batch at a time, each once. It ends: each unit is looked at once. */
  async *ids(): AsyncGenerator<readonly string[]> {
    const { units, signal } = this.#parts;
    while (this.#open.length > 0) {
      signal.throwIfAborted();
      const filter = parseFilter({ _id: { $in: this.#open.splice(0, neededBatch) } });
      const looked = await units.find({ filter });
      const needed = looked.flatMap((unit) => [...this.#referred(unit), ...this.#required(unit)]);
      const fresh = this.#choose([...needed, ...(await this.#groups(looked))]);
      if (fresh.length > 0) yield fresh;
    }
  }

  #choose(ids: readonly string[]): readonly string[] {
    const fresh = [...new Set(ids)].filter((id) => !this.#chosen.has(id));
    for (const id of fresh) {
      this.#chosen.add(id);
      this.#open.push(id);
    }
    return fresh;
  }

  #referred(unit: Unit): readonly string[] {
    const { packages } = this.#parts;
    const { packages: exact, names } = referredBy(unit);
    const found = exact.flatMap((wanted) => {
      const label = packageLabel(wanted);
      return packages.named(wanted.name).filter((each) => packageLabel(each) === label);
    });
    return [...found, ...names.flatMap((name) => packages.newest(name))].map(({ id }) => id);
  }

  async #groups(looked: readonly Unit[]): Promise<readonly string[]> {
    const ids = [...new Set(looked.flatMap((unit) => referredBy(unit).groups))];
    if (ids.length === 0) return [];
    const { units, source } = this.#parts;
    const filter = parseFilter({
      ...{ repositories: source, type: 'package_group' },
      'fields.package_group_id': { $in: ids },
    });
    return (await units.find({ filter, fields: [] })).map(({ _id }) => _id);
  }

  #required({ type, fields }: Unit): readonly string[] {
    if (type !== 'rpm') return [];
    const wanted = relationsOf(fields, 'requires').flatMap(wantedBy);
    return wanted.flatMap((each) => this.#provider(each, String(fields.arch))?.id ?? []);
  }

  /** Undefined where nothing has to be copied for it, or nothing can be. */
  #provider(wanted: PackageRelation, arch: string): IndexedPackage | undefined {
    const question = JSON.stringify([wanted, arch]);
    if (this.#answered.has(question)) return undefined;
    this.#answered.add(question);
    const { packages, present } = this.#parts;
    if (present !== undefined && present.providersOf(wanted).length > 0) return undefined;
    const providers = packages.providersOf(wanted);
    if (providers.some(({ id }) => this.#chosen.has(id))) return undefined;
    return providers.toSorted(byPreference(wanted.name, arch))[0];
  }
}

/** What fits the architecture first, then what has the very name, then the shortest; of one, the newest. */
function byPreference(
  wanted: string,
  arch: string,
): (one: IndexedPackage, other: IndexedPackage) => number {
  const fits = (each: IndexedPackage) => Number(each.arch === arch || each.arch === 'noarch');
  return (one, other) =>
    fits(other) - fits(one) ||
    Number(other.name === wanted) - Number(one.name === wanted) ||
    one.name.length - other.name.length ||
    (one.name < other.name ? -1 : Number(one.name > other.name)) ||
    compareVersions(other, one);
}
