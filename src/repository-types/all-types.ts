/** Every type of repository: a row here makes one known. */

import { debRepositoryType } from './deb/type.ts';
import { directoryRepositoryType } from './directory/type.ts';
import { isoRepositoryType } from './iso/type.ts';
import type {
  DistributorType,
  ImporterType,
  ProgramNeed,
  RepositoryType,
  UnitType,
} from './repository-type.ts';
import { rpmRepositoryType } from './rpm/type.ts';

export const repositoryTypes: readonly RepositoryType[] = [
  rpmRepositoryType,
  isoRepositoryType,
  debRepositoryType,
  directoryRepositoryType,
];

/** The ids of all types of units. */
export const unitTypeIds: readonly string[] = repositoryTypes.flatMap((type) =>
  type.unitTypes.map(({ id }) => id),
);

const unitTypes = byId(repositoryTypes.flatMap((type) => type.unitTypes));
const importerTypes = byId(repositoryTypes.flatMap((type) => type.importers));
const distributorTypes = byId(repositoryTypes.flatMap((type) => type.distributors));

/** Undefined for a type that there is not. */
export function unitType(id: string): UnitType | undefined {
  return unitTypes.get(id);
}

export function importerType(id: string): ImporterType | undefined {
  return importerTypes.get(id);
}

export function distributorType(id: string): DistributorType | undefined {
  return distributorTypes.get(id);
}

/** What has to be installed for units, importers and distributors of the type `id`. */
export function programsFor(id: string): readonly ProgramNeed[] {
  const owner = repositoryTypes.find(({ unitTypes: units, importers, distributors }) =>
    [...units, ...importers, ...distributors].some((each) => each.id === id),
  );
  return owner?.programs ?? [];
}

function byId<T extends { readonly id: string }>(types: readonly T[]): ReadonlyMap<string, T> {
  return new Map(types.map((type) => [type.id, type]));
}
