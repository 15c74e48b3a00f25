/** `portcullis-admin auth role …`. */

import type { Command, CommandOption } from '../command.ts';
import { Failure } from '../failure.ts';
import { field, listField, showResources } from '../present/resources.ts';
import { usage } from '../read-options.ts';
import { detailsOption, fieldsOption, loginOption, roleOption } from './names.ts';

const descriptive: Readonly<Record<string, CommandOption>> = {
  'display-name': { value: 'TEXT', text: 'What people read.' },
  description: { value: 'TEXT', text: 'What the role is for.' },
};

const create: Command = {
  path: ['auth', 'role', 'create'],
  summary: 'creates a role',
  options: {
    'role-id': {
      ...roleOption,
      text: 'The id of the role: letters, digits, and the characters - _',
    },
    ...descriptive,
  },
  run: async ({ call, output }, given) => {
    const id = given.required('role-id');
    const body = {
      role_id: id,
      display_name: given.one('display-name') ?? null,
      description: given.one('description') ?? null,
    };
    const answer = await call({ method: 'POST', path: ['roles'], body });
    if (answer instanceof Failure) return answer;
    output.done(`Role [${id}] successfully created`, answer.body);
    return undefined;
  },
};

const update: Command = {
  path: ['auth', 'role', 'update'],
  summary: 'changes the display name or the description of a role',
  options: { 'role-id': roleOption, ...descriptive },
  run: async ({ call, output }, given) => {
    const id = given.required('role-id');
    const displayName = given.one('display-name');
    const description = given.one('description');
    if (displayName === undefined && description === undefined) {
      throw usage(update.path, 'Cannot update the role: give --display-name or --description');
    }
    const delta = {
      ...(displayName !== undefined && { display_name: displayName }),
      ...(description !== undefined && { description }),
    };
    const answer = await call({ method: 'PUT', path: ['roles', id], body: { delta } });
    if (answer instanceof Failure) return answer;
    output.done(`Role [${id}] successfully updated`, answer.body);
    return undefined;
  },
};

const remove: Command = {
  path: ['auth', 'role', 'delete'],
  summary: 'deletes a role; its users lose what they have by it alone',
  options: { 'role-id': roleOption },
  run: async ({ call, output }, given) => {
    const id = given.required('role-id');
    const answer = await call({ method: 'DELETE', path: ['roles', id] });
    if (answer instanceof Failure) return answer;
    output.done(`Role [${id}] successfully deleted`, answer.body);
    return undefined;
  },
};

const list: Command = {
  path: ['auth', 'role', 'list'],
  summary: 'lists all roles',
  options: { details: detailsOption, fields: fieldsOption },
  run: async ({ call, output }, given) => {
    const answer = await call({ method: 'GET', path: ['roles'] });
    if (answer instanceof Failure) return answer;
    const columns = [
      { title: 'ID', cell: field('id') },
      { title: 'DISPLAY NAME', cell: field('display_name') },
      { title: 'USERS', cell: listField('users') },
    ];
    output.show(showResources('Roles', answer.body, columns, given), answer.body);
    return undefined;
  },
};

const addUser: Command = {
  path: ['auth', 'role', 'user', 'add'],
  summary: 'gives a role to a user',
  options: { 'role-id': roleOption, login: loginOption },
  run: async ({ call, output }, given) => {
    const [id, login] = [given.required('role-id'), given.required('login')];
    const answer = await call({ method: 'POST', path: ['roles', id, 'users'], body: { login } });
    if (answer instanceof Failure) return answer;
    output.done(`User [${login}] successfully added to role [${id}]`, answer.body);
    return undefined;
  },
};

const removeUser: Command = {
  path: ['auth', 'role', 'user', 'remove'],
  summary: 'takes a role from a user',
  options: { 'role-id': roleOption, login: loginOption },
  run: async ({ call, output }, given) => {
    const [id, login] = [given.required('role-id'), given.required('login')];
    const answer = await call({ method: 'DELETE', path: ['roles', id, 'users', login] });
    if (answer instanceof Failure) return answer;
    output.done(`User [${login}] successfully removed from role [${id}]`, answer.body);
    return undefined;
  },
};

export const roleCommands: readonly Command[] = [create, update, remove, list, addUser, removeUser];
