/** Yum repositories: RPM packages, errata, groups, modules and other metadata. */

import type { RepositoryType } from '../repository-type.ts';
import { exportDistributor, yumDistributor } from './distributors.ts';
import { yumImporter } from './importer.ts';
import { rpmReaders, rpmUnitTypes } from './unit-types.ts';

const createrepoPackages = { debian: 'createrepo-c', fedora: 'createrepo_c' };

export const rpmRepositoryType: RepositoryType = {
  name: 'rpm',
  unitTypes: rpmUnitTypes,
  importers: [yumImporter],
  distributors: [yumDistributor, exportDistributor],
  programs: [
    { program: 'createrepo_c', packages: createrepoPackages },
    { program: 'modifyrepo_c', packages: createrepoPackages },
    ...rpmReaders,
  ],
};
