/** `iso repo …`, `deb repo …`, `directory repo …`. */

import { field } from '../present/resources.ts';
import type { ConfigOptions } from './config-options.ts';
import { type RepositoryFamily, wordsOf } from './family.ts';
import { feedOptions } from './feed-options.ts';
import { servingOptions } from './serving-options.ts';

/** Pulp's own names for the same. */
const isoKeys: Readonly<Record<string, string>> = {
  'relative-url': 'relative_url',
  'serve-http': 'serve_http',
  'serve-https': 'serve_https',
  'auth-ca': 'ssl_auth_ca_cert',
  'auth-cert': 'ssl_auth_client_cert',
};

export const isoFamily: RepositoryFamily = {
  word: 'iso',
  title: 'Repositories of files with a manifest',
  note: 'iso-repo',
  importer: { id: 'iso_importer', options: feedOptions },
  distributor: {
    id: 'iso_distributor',
    autoPublish: true,
    options: Object.fromEntries(
      Object.entries(servingOptions).flatMap(([name, option]) => {
        const key = isoKeys[name];
        return key === undefined ? [] : [[name, { ...option, key }]];
      }),
    ),
    defaults: { serve_http: false, serve_https: true },
  },
  exporter: undefined,
  hasDependencies: false,
  units: [
    {
      title: 'Files',
      typeIds: ['iso'],
      words: {
        content: ['isos'],
        copy: ['copy'],
        remove: ['remove'],
        upload: ['uploads', 'upload'],
      },
      columns: [
        { title: 'NAME', cell: field('name') },
        { title: 'SIZE', cell: field('size') },
        { title: 'SHA-256', cell: field('checksum') },
      ],
      upload: { kind: 'files', suffix: '', isNamed: true },
    },
  ],
};

const debOptions: ConfigOptions = {
  suite: { key: 'suite', kind: 'text', text: 'The suite; stable unless given.' },
  component: { key: 'component', kind: 'text', text: 'The component; main unless given.' },
  architectures: {
    key: 'architectures',
    kind: 'names',
    text: 'The architectures that have an index, as amd64,arm64; those of the packages unless given.',
  },
  origin: { key: 'origin', kind: 'text', text: 'The Origin of the Release file.' },
  label: { key: 'label', kind: 'text', text: 'The Label of the Release file.' },
};

export const debFamily: RepositoryFamily = {
  word: 'deb',
  title: 'Debian repositories',
  note: 'deb-repo',
  importer: { id: 'deb_importer', options: {} },
  distributor: {
    id: 'deb_distributor',
    autoPublish: true,
    options: { ...servingOptions, ...debOptions },
    defaults: { http: false, https: true },
  },
  exporter: undefined,
  hasDependencies: false,
  units: [
    {
      title: 'Debian packages',
      typeIds: ['deb'],
      words: wordsOf('deb'),
      columns: [
        { title: 'NAME', cell: field('name') },
        { title: 'VERSION', cell: field('version') },
        { title: 'ARCHITECTURE', cell: field('architecture') },
        { title: 'SHA-256', cell: field('checksum') },
      ],
      upload: { kind: 'files', suffix: '.deb' },
    },
  ],
};

export const directoryFamily: RepositoryFamily = {
  word: 'directory',
  title: 'Directories that other tools make',
  note: 'directory-repo',
  importer: undefined,
  distributor: {
    id: 'directory_distributor',
    autoPublish: false,
    options: {
      ...servingOptions,
      path: {
        key: 'path',
        kind: 'text',
        text: 'The directory on the host of the server, absolute and below one of its repositories.directoryRoots.',
      },
    },
    required: ['path'],
    defaults: { http: false, https: true },
  },
  exporter: undefined,
  hasDependencies: false,
  units: [],
};
