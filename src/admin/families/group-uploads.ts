/** Groups of packages, categories, environments and language packs, out of the options of pulp-admin. */

import type { CommandOption, Given } from '../command.ts';
import { usage } from '../read-options.ts';
import type { MetadataUpload } from './unit-upload.ts';

const named: Readonly<Record<string, CommandOption>> = {
  name: { value: 'TEXT', text: 'Its name, for people.', isRequired: true },
  description: { value: 'TEXT', text: 'What it is for.', isRequired: true },
  'display-order': { value: 'NUMBER', text: 'Where it stands among the others.' },
};

function namedFields(given: Given, path: readonly string[]): Readonly<Record<string, unknown>> {
  const order = given.one('display-order');
  if (order !== undefined && !/^\d{1,9}$/.test(order)) {
    throw usage(path, `Cannot use --display-order ${JSON.stringify(order)}: expected a number`);
  }
  return {
    name: given.required('name'),
    description: given.required('description'),
    ...(order !== undefined && { display_order: Number(order) }),
  };
}

function list(value: string, text: string): CommandOption {
  return { value, text: `${text} Given more than once, each of them.`, isRepeatable: true };
}

function idOption(what: string): CommandOption {
  return { value: 'ID', text: `The id of the ${what}.`, isRequired: true };
}

export const groupUpload: MetadataUpload = {
  kind: 'metadata',
  options: {
    'group-id': idOption('group'),
    ...named,
    'mand-name': list('NAME', 'A package that the group always has.'),
    'default-name': list('NAME', 'A package that it has unless somebody takes it out.'),
    'opt-name': list('NAME', 'A package that it has where somebody wants it.'),
    'cond-name': list('NAME:REQUIRES', 'A package that it has where another is installed.'),
    default: { text: 'The group is installed unless somebody takes it out.' },
    'user-visible': { text: 'The group is shown to people.' },
    langonly: { value: 'LANGUAGE', text: 'The language that it is for.' },
  },
  read: async (given, path) => ({
    unitKey: { package_group_id: given.required('group-id') },
    unitMetadata: {
      ...namedFields(given, path),
      default: given.has('default'),
      user_visible: given.has('user-visible'),
      langonly: given.one('langonly') ?? null,
      mandatory_package_names: given.all('mand-name'),
      default_package_names: given.all('default-name'),
      optional_package_names: given.all('opt-name'),
      conditional_package_names: given.all('cond-name').map((text) => pairOf(text, path)),
    },
  }),
};

function pairOf(text: string, path: readonly string[]): readonly [string, string] {
  const [, name, requires] = /^([^:]+):(.+)$/.exec(text) ?? [];
  if (name !== undefined && requires !== undefined) return [name.trim(), requires.trim()];
  throw usage(path, `Cannot use --cond-name ${JSON.stringify(text)}: expected NAME:REQUIRES`);
}

export const categoryUpload: MetadataUpload = {
  kind: 'metadata',
  options: {
    'category-id': idOption('category'),
    ...named,
    group: list('ID', 'A group that is of the category.'),
  },
  read: async (given, path) => ({
    unitKey: { package_category_id: given.required('category-id') },
    unitMetadata: { ...namedFields(given, path), packagegroupids: given.all('group') },
  }),
};

export const environmentUpload: MetadataUpload = {
  kind: 'metadata',
  options: {
    'environment-id': idOption('environment'),
    ...named,
    group: list('ID', 'A group that the environment has.'),
    option: list('ID[,default]', 'A group that can be chosen, and is unless somebody says no.'),
  },
  read: async (given, path) => ({
    unitKey: { package_environment_id: given.required('environment-id') },
    unitMetadata: {
      ...namedFields(given, path),
      group_ids: given.all('group'),
      options: given.all('option').map((text) => optionOf(text, path)),
    },
  }),
};

function optionOf(text: string, path: readonly string[]) {
  const [group = '', word, ...rest] = text.split(',').map((part) => part.trim());
  const isRight = group !== '' && rest.length === 0 && (word === undefined || word === 'default');
  if (isRight) return { group, default: word !== undefined };
  throw usage(path, `Cannot use --option ${JSON.stringify(text)}: expected ID or ID,default`);
}

export const langpacksUpload: MetadataUpload = {
  kind: 'metadata',
  options: {
    name: list('NAME', 'A package that has language packs, as gimp.'),
    install: list('PATTERN', 'The packs of it, in the same order, as gimp-help-%s.'),
  },
  read: async (given, path) => {
    const [names, installs] = [given.all('name'), given.all('install')];
    if (names.length === 0 || names.length !== installs.length) {
      throw usage(path, 'Cannot upload language packs: give --install once for each --name');
    }
    const matches = names.map((name, at) => ({ name, install: installs[at] ?? '' }));
    return { unitKey: {}, unitMetadata: { matches } };
  },
};
