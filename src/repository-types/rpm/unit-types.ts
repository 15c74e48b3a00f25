/** The units of yum repositories. */

import { needingPrograms } from '../needing-programs.ts';
import { isolationNeed } from '../package-file.ts';
import type { ProgramNeed, UnitType } from '../repository-type.ts';
import { erratumType } from './erratum.ts';
import {
  packageCategoryType,
  packageEnvironmentType,
  packageGroupType,
  packageLangpacksType,
} from './groups.ts';
import { metadataFileType } from './metadata-file.ts';
import { modulemdDefaultsType, modulemdType } from './modulemd.ts';
import { createPackageReader, packageKey } from './read-package.ts';

const rpmPackages = { debian: 'rpm', fedora: 'rpm' };

/** What reads packages. */
export const rpmReaders: readonly ProgramNeed[] = [
  { program: 'rpm', packages: rpmPackages },
  { program: 'rpmkeys', packages: rpmPackages },
  isolationNeed,
];

export const rpmUnitTypes: readonly UnitType[] = [
  packageType('rpm', 'RPM'),
  packageType('srpm', 'SRPM'),
  erratumType,
  packageGroupType,
  packageCategoryType,
  packageEnvironmentType,
  packageLangpacksType,
  modulemdType,
  modulemdDefaultsType,
  metadataFileType,
];

export const rpmUnitTypeIds: readonly string[] = rpmUnitTypes.map(({ id }) => id);

function packageType(id: 'rpm' | 'srpm', displayName: string): UnitType {
  return {
    ...{ id, displayName, description: displayName },
    unitKey: packageKey,
    searchIndexes: ['name', 'epoch', 'version', 'release', 'arch', 'filename', 'checksum'],
    referencedTypes: ['erratum'],
    hasFile: true,
    read: needingPrograms(rpmReaders, createPackageReader(id)),
  };
}
