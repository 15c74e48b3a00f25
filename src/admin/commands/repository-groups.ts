/** `portcullis-admin repo group …`. */

import { backgroundOption, finishTasks } from '../background.ts';
import type { Command, CommandOption, Given } from '../command.ts';
import { Failure } from '../failure.ts';
import { field, showResources } from '../present/resources.ts';
import { usage } from '../read-options.ts';
import { type Fields, fieldsOf } from '../untrusted.ts';
import { groupOption } from './group-family.ts';
import { createGroupCommands } from './groups.ts';
import { detailsOption, fieldsOption } from './names.ts';
import { repositoryColumns } from './repositories.ts';

const groups = createGroupCommands({
  path: ['repo', 'group'],
  title: 'Repository Group',
  what: 'group of repositories',
  resource: 'repo_groups',
  members: {
    title: 'Repositories',
    what: 'repositories',
    one: 'repository',
    resource: 'repositories',
    field: 'repo_ids',
    option: 'repo-id',
    columns: repositoryColumns,
  },
});

const distributorOption: CommandOption = {
  value: 'ID',
  text: 'The id of the distributor of the group.',
  isRequired: true,
};

const configOption: CommandOption = {
  value: 'JSON',
  text: 'What its publishes take in the place of what the distributors of the members have: an object in JSON.',
};

const distributorsOf = (given: Given): readonly string[] => [
  'repo_groups',
  given.required('group-id'),
  'distributors',
];

const publish: Command = {
  path: ['repo', 'group', 'publish'],
  summary: 'publishes all repositories of a group by their distributors of one type',
  options: { 'group-id': groupOption, 'distributor-id': distributorOption, bg: backgroundOption },
  run: async (context, given) => {
    const id = given.required('group-id');
    const answer = await context.call({
      method: 'POST',
      path: ['repo_groups', id, 'actions', 'publish'],
      body: { id: given.required('distributor-id') },
    });
    if (answer instanceof Failure) return answer;
    const done = `Repository Group [${id}] successfully published`;
    return finishTasks(context, given, answer.body, () => done);
  },
};

const addDistributor: Command = {
  path: ['repo', 'group', 'distributor', 'create'],
  summary: 'gives a group a distributor, by which all of it can be published at once',
  options: {
    'group-id': groupOption,
    'distributor-id': {
      ...distributorOption,
      text: 'The id of the distributor: letters, digits, and the characters - _',
    },
    type: {
      value: 'TYPE',
      text: 'The type of the distributors of the members that are meant, as yum_distributor.',
      isRequired: true,
    },
    config: configOption,
  },
  run: async ({ call, output }, given) => {
    const id = given.required('distributor-id');
    const body = {
      distributor_id: id,
      distributor_type_id: given.required('type'),
      distributor_config: configOf(given, addDistributor.path) ?? {},
    };
    const answer = await call({ method: 'POST', path: distributorsOf(given), body });
    if (answer instanceof Failure) return answer;
    output.done(`Distributor [${id}] successfully created`, answer.body);
    return undefined;
  },
};

const updateDistributor: Command = {
  path: ['repo', 'group', 'distributor', 'update'],
  summary: 'changes the configuration of a distributor of a group; null takes a name of it away',
  options: {
    'group-id': groupOption,
    'distributor-id': distributorOption,
    config: { ...configOption, isRequired: true },
  },
  run: async ({ call, output }, given) => {
    const id = given.required('distributor-id');
    const body = { distributor_config: configOf(given, updateDistributor.path) };
    const answer = await call({ method: 'PUT', path: [...distributorsOf(given), id], body });
    if (answer instanceof Failure) return answer;
    output.done(`Distributor [${id}] successfully updated`, answer.body);
    return undefined;
  },
};

const removeDistributor: Command = {
  path: ['repo', 'group', 'distributor', 'delete'],
  summary: 'takes a distributor from a group; those of the members stay',
  options: { 'group-id': groupOption, 'distributor-id': distributorOption },
  run: async ({ call, output }, given) => {
    const id = given.required('distributor-id');
    const answer = await call({ method: 'DELETE', path: [...distributorsOf(given), id] });
    if (answer instanceof Failure) return answer;
    output.done(`Distributor [${id}] successfully deleted`, answer.body);
    return undefined;
  },
};

const columns = [
  { title: 'ID', cell: field('id') },
  { title: 'TYPE', cell: field('distributor_type_id') },
  { title: 'LAST PUBLISH', cell: field('last_publish') },
];

const listDistributors: Command = {
  path: ['repo', 'group', 'distributor', 'list'],
  summary: 'lists the distributors of a group',
  options: { 'group-id': groupOption, details: detailsOption, fields: fieldsOption },
  run: async ({ call, output }, given) => {
    const answer = await call({ method: 'GET', path: distributorsOf(given) });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Distributors', answer.body, columns, given), answer.body);
    return undefined;
  },
};

/** @throws PortcullisError USAGE */
function configOf(given: Given, path: readonly string[]): Fields | undefined {
  const text = given.one('config');
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (value === fieldsOf(value)) return fieldsOf(value);
  } catch {
    // Told below, as what is JSON and no object.
  }
  throw usage(path, 'Cannot use --config: expected an object in JSON');
}

export const repositoryGroupCommands: readonly Command[] = [
  ...groups,
  publish,
  addDistributor,
  updateDistributor,
  removeDistributor,
  listDistributors,
];
