/** `portcullis-admin policy …`: policies of the store. Pulp has none. */

import { policyLines, readPolicyFile } from '../../policies/policy-file.ts';
import type { Command, CommandOption } from '../command.ts';
import { Failure } from '../failure.ts';
import { field, showResources } from '../present/resources.ts';
import { usage } from '../read-options.ts';
import { fieldsOf, listOf, textOf } from '../untrusted.ts';
import { detailsOption, fieldsOption } from './names.ts';

const policyOption: CommandOption = {
  value: 'ID',
  text: 'The id of the policy: lower-case letters, digits, - and _, beginning with a letter.',
  isRequired: true,
};

const fileOption: CommandOption = {
  value: 'FILE',
  text: 'A file of YAML or JSON, with the tree under access, as the configuration has it.',
};

const descriptionOption: CommandOption = { value: 'TEXT', text: 'What it is for, for people.' };

const columns = [
  { title: 'ID', cell: field('id') },
  { title: 'OF THE', cell: field('source') },
  { title: 'DESCRIPTION', cell: field('description') },
  { title: 'CHANGED', cell: field('changed') },
  { title: 'BY', cell: field('by') },
];

const list: Command = {
  path: ['policy', 'list'],
  summary: 'lists the policies that have a name, of the configuration and of the store',
  options: { details: detailsOption, fields: fieldsOption },
  run: async ({ call, output }, given) => {
    const answer = await call({ method: 'GET', path: ['policies'] });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Policies', answer.body, columns, given), answer.body);
    return undefined;
  },
};

const show: Command = {
  path: ['policy', 'show'],
  summary: 'shows the tree of a policy, and who refers to it',
  description: [
    'Writes on the standard output what --file of the other commands reads; who refers to the policy is told on the standard error. Of a policy of the configuration there is nothing to write: it stands there.',
  ],
  options: { 'policy-id': policyOption },
  run: async ({ call, output }, given) => {
    const id = given.required('policy-id');
    const answer = await call({ method: 'GET', path: ['policies', id] });
    if (answer instanceof Failure) return answer;
    const { access, source, used_by } = fieldsOf(answer.body);
    const { policies, distributions } = fieldsOf(used_by);
    const users = [
      ...listOf(policies).map((name) => `the policy ${textOf(name)}`),
      ...listOf(distributions).map(textOf),
    ];
    const lines = textOf(source) === 'configuration' ? [] : policyLines({ access });
    const by = users.length === 0 ? 'nobody' : users.join(', ');
    output.hand(lines, [`It is of the ${textOf(source)}, and referred to by ${by}.`], answer.body);
    return undefined;
  },
};

const create: Command = {
  path: ['policy', 'create'],
  summary: 'makes a policy with a name, to which others refer by `policy: ID`',
  options: {
    'policy-id': policyOption,
    file: { ...fileOption, isRequired: true },
    description: descriptionOption,
  },
  run: async ({ call, output }, given) => {
    const id = given.required('policy-id');
    const { access } = await readPolicyFile(given.required('file'), '--file', ['access']);
    const description = given.one('description') ?? null;
    const body = { id, access, description };
    const answer = await call({ method: 'POST', path: ['policies'], body });
    if (answer instanceof Failure) return answer;
    output.done(`Policy [${id}] successfully created`, answer.body);
    return undefined;
  },
};

const update: Command = {
  path: ['policy', 'update'],
  summary: 'changes a policy, for all who refer to it',
  description: ['Every worker on every host goes by it within a second.'],
  options: { 'policy-id': policyOption, file: fileOption, description: descriptionOption },
  run: async ({ call, output }, given) => {
    const id = given.required('policy-id');
    const [file, description] = [given.one('file'), given.one('description')];
    if (file === undefined && description === undefined) {
      throw usage(update.path, 'Cannot update the policy: give --file or --description');
    }
    const delta = {
      ...(file !== undefined && (await readPolicyFile(file, '--file', ['access']))),
      ...(description !== undefined && { description }),
    };
    const answer = await call({ method: 'PUT', path: ['policies', id], body: { delta } });
    if (answer instanceof Failure) return answer;
    output.done(`Policy [${id}] successfully updated`, answer.body);
    return undefined;
  },
};

const remove: Command = {
  path: ['policy', 'delete'],
  summary: 'deletes a policy to which nobody refers',
  options: { 'policy-id': policyOption },
  run: async ({ call, output }, given) => {
    const id = given.required('policy-id');
    const answer = await call({ method: 'DELETE', path: ['policies', id] });
    if (answer instanceof Failure) return answer;
    output.done(`Policy [${id}] successfully deleted`, answer.body);
    return undefined;
  },
};

export const policyCommands: readonly Command[] = [list, show, create, update, remove];
