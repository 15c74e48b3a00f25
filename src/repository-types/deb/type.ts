/** Debian repositories: packages in a pool, with indexes by apt-ftparchive. */

import { flag, names, text } from '../config-fields.ts';
import { type ConfigField, createConfigReader } from '../config-reader.ts';
import {
  describeDistribution,
  distributionFields,
  distributionSecrets,
  refuseNoProtocol,
} from '../distribution-fields.ts';
import { needingPrograms } from '../needing-programs.ts';
import { isolationNeed } from '../package-file.ts';
import type { ProgramNeed, RepositoryType } from '../repository-type.ts';
import { publishDebian } from './publish.ts';
import { debKey, readDebianPackage } from './read-package.ts';

/** Packages come by uploads and copies alone: a feed that nobody takes over would be a promise. */
const noFeed: ConfigField = {
  expected: 'no feed: repositories of Debian packages are not synced; upload or copy packages',
  read: () => undefined,
};

/** A part of paths and of lines: nothing that would have to be escaped in either. */
const word: ConfigField = {
  expected: 'a word of letters, digits and .+-_, of at most 64 characters',
  read: (raw) =>
    typeof raw === 'string' && /^[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}$/.test(raw) ? raw : undefined,
};

const architectures: ConfigField = {
  expected: 'a list of 1 to 50 architectures, as amd64',
  read: (raw) => {
    const list = names.read(raw);
    const isGood =
      Array.isArray(list) &&
      list.length >= 1 &&
      list.length <= 50 &&
      list.every((item) => /^[a-z0-9][a-z0-9-]{0,31}$/.test(String(item)));
    return isGood ? list : undefined;
  },
};

const readers: readonly ProgramNeed[] = [
  { program: 'dpkg-deb', packages: { debian: 'dpkg', fedora: 'dpkg' } },
  isolationNeed,
];

export const debRepositoryType: RepositoryType = {
  name: 'deb',
  unitTypes: [
    {
      id: 'deb',
      displayName: 'Debian Package',
      description: 'Debian Package',
      unitKey: debKey,
      searchIndexes: ['name', 'version', 'architecture', 'filename', 'checksum'],
      referencedTypes: [],
      hasFile: true,
      read: needingPrograms(readers, readDebianPackage),
    },
  ],
  importers: [
    {
      id: 'deb_importer',
      displayName: 'Debian Importer',
      unitTypes: ['deb'],
      readConfig: createConfigReader({ feed: noFeed }),
      secrets: [],
    },
  ],
  distributors: [
    {
      id: 'deb_distributor',
      displayName: 'Debian Distributor',
      unitTypes: ['deb'],
      readConfig: createConfigReader(
        {
          ...distributionFields,
          suite: word,
          component: word,
          architectures,
          origin: text,
          label: text,
          description: text,
          gpg_sign_metadata: flag,
        },
        refuseNoProtocol,
      ),
      secrets: distributionSecrets,
      describe: describeDistribution,
      isSignable: true,
      publish: publishDebian,
    },
  ],
  programs: [
    { program: 'apt-ftparchive', packages: { debian: 'apt-utils', fedora: 'apt' } },
    ...readers,
  ],
};
