/** A tree that is there already, made by other tools, and is served where it lies. */

import { isAbsolute, resolve } from 'node:path';
import { TaskFailure } from '../../tasks/kind.ts';
import { text } from '../config-fields.ts';
import type { ConfigField } from '../config-reader.ts';
import { createConfigReader } from '../config-reader.ts';
import {
  describeDistribution,
  distributionFields,
  distributionSecrets,
  refuseNoProtocol,
} from '../distribution-fields.ts';
import type { DistributorType, RepositoryType } from '../repository-type.ts';

const directoryPath: ConfigField = {
  expected: 'an absolute path without . or .. segments, below one of repositories.directoryRoots',
  read: (raw) => {
    const path = text.read(raw);
    return typeof path === 'string' && isAbsolute(path) && resolve(path) === path && path !== '/'
      ? path
      : undefined;
  },
};

const directoryDistributor: DistributorType = {
  id: 'directory_distributor',
  displayName: 'Directory Distributor',
  unitTypes: [],
  readConfig: createConfigReader(
    { ...distributionFields, path: { ...directoryPath, isRequired: true } },
    refuseNoProtocol,
  ),
  secrets: distributionSecrets,
  describe: describeDistribution,
  servesInPlace: (config) => String(config.path),
  publish: async () => {
    throw new TaskFailure(
      'PLP0034',
      'A directory is served as it lies: nothing of it is published',
    );
  },
};

export const directoryRepositoryType: RepositoryType = {
  name: 'directory',
  unitTypes: [],
  importers: [],
  distributors: [directoryDistributor],
  programs: [],
};
