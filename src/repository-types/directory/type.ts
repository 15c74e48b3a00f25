/**
 * A tree that other tools make and change, served where it lies: a publish says where that is, and from then on
 * it is there. `distributions` in the configuration have the same by their roots.
 */

import { isAbsolute, resolve } from 'node:path';
import { required, text } from '../config-fields.ts';
import { type ConfigField, createConfigReader } from '../config-reader.ts';
import {
  describeDistribution,
  distributionFields,
  distributionSecrets,
  refuseNoProtocol,
} from '../distribution-fields.ts';
import type { DistributorType, RepositoryType } from '../repository-type.ts';
import { publishDirectory } from './publish.ts';

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
    { ...distributionFields, path: required(directoryPath) },
    refuseNoProtocol,
  ),
  secrets: distributionSecrets,
  fixed: ['path'],
  describe: describeDistribution,
  isServedInPlace: true,
  publish: publishDirectory,
};

export const directoryRepositoryType: RepositoryType = {
  name: 'directory',
  unitTypes: [],
  importers: [],
  distributors: [directoryDistributor],
  programs: [],
};
