/** The packages of a repository by what they bring: names, capabilities, and files that others ask for. */

import type { JsonObject, Unit } from '../../repositories/documents.ts';
import type { Units } from '../../repositories/units.ts';
import { compareVersions, type PackageVersion } from '../../sync/version-order.ts';
import { TaskFailure } from '../../tasks/kind.ts';
import { type PackageRelation, satisfies } from './requirement.ts';

/** Packages, capabilities and files of one repository: what the index takes of memory. */
export const indexEntriesMax = 2_000_000;

/** Units that are read at a time. */
const pageSize = 500;

export interface IndexedPackage extends PackageVersion {
  readonly id: string;
  readonly name: string;
  readonly arch: string;
}

interface Provider {
  readonly by: IndexedPackage;
  /** Undefined for a file. */
  readonly provided: PackageRelation | undefined;
}

const read = ['name', 'epoch', 'version', 'release', 'arch', 'provides', 'primary_files'];

export class PackageIndex {
  readonly #packages = new Map<string, IndexedPackage[]>();
  readonly #providers = new Map<string, Provider[]>();
  readonly #entriesMax: number;
  #entries = 0;

  private constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  /** @throws TaskFailure when the repository has more than `entriesMax` entries */
  static async read(
    units: Units,
    repository: string,
    signal: AbortSignal,
    entriesMax: number = indexEntriesMax,
  ): Promise<PackageIndex> {
    const index = new PackageIndex(entriesMax);
    const fields = read.map((name) => `fields.${name}`);
    for await (const unit of units.ofRepository(repository, 'rpm', { fields, limit: pageSize })) {
      signal.throwIfAborted();
      index.#add(unit);
    }
    return index;
  }

  /** All versions of it. */
  named(name: string): readonly IndexedPackage[] {
    return this.#packages.get(name) ?? [];
  }

  /** The newest of each architecture. */
  newest(name: string): readonly IndexedPackage[] {
    const newest = new Map<string, IndexedPackage>();
    for (const each of this.named(name)) {
      const best = newest.get(each.arch);
      if (best === undefined || compareVersions(each, best) > 0) newest.set(each.arch, each);
    }
    return [...newest.values()];
  }

  providersOf(wanted: PackageRelation): readonly IndexedPackage[] {
    const found = this.#providers.get(wanted.name) ?? [];
    const right = found.filter(
      ({ provided }) => provided === undefined || satisfies(provided, wanted),
    );
    return right.map(({ by }) => by);
  }

  #add({ _id, fields }: Unit): void {
    const textOf = (name: string): string => String(fields[name] ?? '');
    const [name, epoch, version, release] = [
      ...[textOf('name'), textOf('epoch') || '0', textOf('version'), textOf('release')],
    ] as const;
    const by = { id: _id, name, epoch, version, release, arch: textOf('arch') };
    this.#enter(this.#packages, name, by);
    for (const provided of relationsOf(fields, 'provides')) {
      this.#enter(this.#providers, provided.name, { by, provided });
    }
    const { primary_files: files } = fields;
    for (const file of Array.isArray(files) ? files : []) {
      this.#enter(this.#providers, String(file), { by, provided: undefined });
    }
  }

  #enter<T>(map: Map<string, T[]>, name: string, entry: T): void {
    this.#entries += 1;
    if (this.#entries > this.#entriesMax) {
      throw new TaskFailure(
        'PLP0000',
        `Cannot look for what the packages need: the repository has over ${this.#entriesMax} packages, capabilities and files; copy without recursive`,
      );
    }
    const entries = map.get(name);
    if (entries === undefined) map.set(name, [entry]);
    else entries.push(entry);
  }
}

/** @param kind as `requires` */
export function relationsOf(fields: JsonObject, kind: string): readonly PackageRelation[] {
  const { [kind]: relations } = fields;
  return Array.isArray(relations) ? (relations as unknown as readonly PackageRelation[]) : [];
}
