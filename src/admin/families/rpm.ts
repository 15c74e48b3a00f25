/** `rpm repo …`: yum repositories. */

import { field } from '../present/resources.ts';
import { erratumUpload } from './erratum-upload.ts';
import { type FamilyUnits, type RepositoryFamily, wordsOf } from './family.ts';
import { feedOptions } from './feed-options.ts';
import {
  categoryUpload,
  environmentUpload,
  groupUpload,
  langpacksUpload,
} from './group-uploads.ts';
import { servingOptions } from './serving-options.ts';
import type { FileUpload } from './unit-upload.ts';

const packageColumns = [
  { title: 'NAME', cell: field('name') },
  { title: 'EPOCH', cell: field('epoch') },
  { title: 'VERSION', cell: field('version') },
  { title: 'RELEASE', cell: field('release') },
  { title: 'ARCH', cell: field('arch') },
  { title: 'SHA-256', cell: field('checksum') },
];

const packageUpload: FileUpload = {
  kind: 'files',
  suffix: '.rpm',
  options: {
    'checksum-type': {
      value: 'NAME',
      text: 'As of pulp-admin: sha256 or another that the server knows. Packages are known by their SHA-256 in any case.',
    },
  },
  describe: (given) => {
    const type = given.one('checksum-type');
    return type === undefined ? {} : { unitMetadata: { checksumtype: type } };
  },
};

const metadataFileUpload: FileUpload = {
  kind: 'files',
  suffix: '',
  options: {
    'data-type': {
      value: 'NAME',
      text: 'What repomd.xml calls it, as productid.',
      isRequired: true,
    },
  },
  describe: (given) => ({ unitKey: { data_type: given.required('data-type') } }),
};

const units: readonly FamilyUnits[] = [
  {
    title: 'RPM packages',
    typeIds: ['rpm'],
    words: wordsOf('rpm'),
    columns: packageColumns,
    upload: packageUpload,
  },
  {
    title: 'Source packages',
    typeIds: ['srpm'],
    words: wordsOf('srpm'),
    columns: packageColumns,
    upload: packageUpload,
  },
  {
    title: 'Errata',
    typeIds: ['erratum'],
    words: wordsOf('errata', 'erratum'),
    columns: [
      { title: 'ID', cell: field('id') },
      { title: 'TYPE', cell: field('type') },
      { title: 'SEVERITY', cell: field('severity') },
      { title: 'UPDATED', cell: field('updated') },
      { title: 'TITLE', cell: field('title') },
    ],
    upload: erratumUpload,
  },
  {
    title: 'Package groups',
    typeIds: ['package_group'],
    words: wordsOf('group'),
    columns: groupColumns('package_group_id'),
    upload: groupUpload,
  },
  {
    title: 'Package categories',
    typeIds: ['package_category'],
    words: wordsOf('category'),
    columns: groupColumns('package_category_id'),
    upload: categoryUpload,
  },
  {
    title: 'Package environments',
    typeIds: ['package_environment'],
    words: wordsOf('environment'),
    columns: groupColumns('package_environment_id'),
    upload: environmentUpload,
  },
  {
    title: 'Language packs',
    typeIds: ['package_langpacks'],
    words: wordsOf('langpacks'),
    columns: [{ title: 'REPOSITORY', cell: field('repo_id') }],
    upload: langpacksUpload,
  },
  {
    title: 'Modules',
    typeIds: ['modulemd'],
    words: wordsOf('modulemd'),
    columns: ['name', 'stream', 'version', 'context', 'arch'].map((name) => ({
      title: name.toUpperCase(),
      cell: field(name),
    })),
    upload: { kind: 'files', suffix: '.yaml' },
  },
  {
    title: 'Defaults of modules',
    typeIds: ['modulemd_defaults'],
    words: wordsOf('modulemd-defaults'),
    columns: [
      { title: 'NAME', cell: field('name') },
      { title: 'STREAM', cell: field('stream') },
    ],
    upload: { kind: 'files', suffix: '.yaml' },
  },
  {
    title: 'Further metadata files',
    typeIds: ['yum_repo_metadata_file'],
    words: wordsOf('metafile'),
    columns: [
      { title: 'TYPE', cell: field('data_type') },
      { title: 'SIZE', cell: field('size') },
      { title: 'SHA-256', cell: field('checksum') },
    ],
    upload: metadataFileUpload,
  },
];

function groupColumns(id: string): FamilyUnits['columns'] {
  return [
    { title: 'ID', cell: field(id) },
    { title: 'NAME', cell: field('name') },
    { title: 'DESCRIPTION', cell: field('description') },
  ];
}

export const rpmFamily: RepositoryFamily = {
  word: 'rpm',
  title: 'Yum repositories',
  note: 'rpm-repo',
  importer: {
    id: 'yum_importer',
    options: {
      ...feedOptions,
      skip: {
        key: 'type_skip_list',
        kind: 'names',
        text: 'The types of units that a sync leaves out, as srpm,erratum.',
      },
    },
  },
  distributor: {
    id: 'yum_distributor',
    autoPublish: true,
    options: {
      ...servingOptions,
      'checksum-type': {
        key: 'checksum_type',
        kind: 'text',
        text: 'The digest of the metadata, as sha256, which it is unless given.',
      },
      'generate-sqlite': {
        key: 'generate_sqlite',
        kind: 'flag',
        text: 'Whether the metadata is there as SQLite databases too, for yum 3.',
      },
    },
    defaults: { http: false, https: true },
  },
  exporter: 'export_distributor',
  units,
  hasDependencies: true,
};
