/** Yum repositories: RPM packages, errata, groups, modules and other metadata. */

import { needingPrograms } from '../needing-programs.ts';
import { isolationNeed } from '../package-file.ts';
import type { ProgramNeed, RepositoryType, UnitType } from '../repository-type.ts';
import { exportDistributor, yumDistributor } from './distributors.ts';
import { erratumType } from './erratum.ts';
import {
  packageCategoryType,
  packageEnvironmentType,
  packageGroupType,
  packageLangpacksType,
} from './groups.ts';
import { yumImporter } from './importer.ts';
import { metadataFileType } from './metadata-file.ts';
import { modulemdDefaultsType, modulemdType } from './modulemd.ts';
import { createPackageReader, packageKey } from './read-package.ts';

const rpmPackages = { debian: 'rpm', fedora: 'rpm' };
const createrepoPackages = { debian: 'createrepo-c', fedora: 'createrepo_c' };

const readers: readonly ProgramNeed[] = [
  { program: 'rpm', packages: rpmPackages },
  { program: 'rpmkeys', packages: rpmPackages },
  isolationNeed,
];

export const rpmRepositoryType: RepositoryType = {
  name: 'rpm',
  unitTypes: [
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
  ],
  importers: [yumImporter],
  distributors: [yumDistributor, exportDistributor],
  programs: [
    { program: 'createrepo_c', packages: createrepoPackages },
    { program: 'modifyrepo_c', packages: createrepoPackages },
    ...readers,
  ],
};

function packageType(id: 'rpm' | 'srpm', displayName: string): UnitType {
  return {
    ...{ id, displayName, description: displayName },
    unitKey: packageKey,
    searchIndexes: ['name', 'epoch', 'version', 'release', 'arch', 'filename', 'checksum'],
    referencedTypes: ['erratum'],
    hasFile: true,
    read: needingPrograms(readers, createPackageReader(id)),
  };
}
