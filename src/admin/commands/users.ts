/** `portcullis-admin auth user …`. */

import type { Command } from '../command.ts';
import { criteriaOf, criteriaOptions } from '../criteria.ts';
import { Failure } from '../failure.ts';
import { askNewPassword } from '../new-password.ts';
import { field, listField, showResources } from '../present/resources.ts';
import { usage } from '../read-options.ts';
import type { Fields } from '../untrusted.ts';
import { detailsOption, fieldsOption, loginOption } from './names.ts';

const columns = [
  { title: 'LOGIN', cell: field('login') },
  { title: 'NAME', cell: field('name') },
  { title: 'ROLES', cell: listField('roles') },
  { title: 'STATE', cell: (user: Fields) => (user.disabled === true ? 'disabled' : 'enabled') },
];

const create: Command = {
  path: ['auth', 'user', 'create'],
  summary: 'creates a user',
  options: {
    login: {
      ...loginOption,
      text: 'The login of the user: letters, digits, and the characters - _ . @',
    },
    password: {
      value: 'PASSWORD',
      text: 'The password of the new user. Every user of this host can read it while the command starts; without it, it is asked for twice.',
    },
    name: { value: 'TEXT', text: 'The full name; the login unless given.' },
  },
  run: async ({ call, output }, given) => {
    const login = given.required('login');
    const password = given.one('password') ?? (await askNewPassword(login));
    if (password instanceof Failure) return password;
    const body = { login, password, name: given.one('name') ?? null };
    const answer = await call({ method: 'POST', path: ['users'], body });
    if (answer instanceof Failure) return answer;
    output.done(`User [${login}] successfully created`, answer.body);
    return undefined;
  },
};

const update: Command = {
  path: ['auth', 'user', 'update'],
  summary: 'changes the name or the password of a user',
  options: {
    login: loginOption,
    name: { value: 'TEXT', text: 'The new full name.' },
    password: {
      value: 'PASSWORD',
      text: 'The new password. Every user of this host can read it while the command starts; -p asks for it.',
    },
    'ask-password': { short: 'p', text: 'Asks for the new password twice, without showing it.' },
  },
  run: async ({ call, output }, given) => {
    const login = given.required('login');
    const name = given.one('name');
    const typed = given.one('password');
    const isAsked = given.has('ask-password');
    if (name === undefined && typed === undefined && !isAsked) {
      throw usage(update.path, 'Cannot update the user: give --name, --password or -p');
    }
    const chosen = isAsked ? await askNewPassword(login) : typed;
    if (chosen instanceof Failure) return chosen;
    const delta = {
      ...(name !== undefined && { name }),
      ...(chosen !== undefined && { password: chosen }),
    };
    const answer = await call({ method: 'PUT', path: ['users', login], body: { delta } });
    if (answer instanceof Failure) return answer;
    output.done(`User [${login}] successfully updated`, answer.body);
    return undefined;
  },
};

const remove: Command = {
  path: ['auth', 'user', 'delete'],
  summary: 'deletes a user, with all permissions and sessions of theirs',
  options: { login: loginOption },
  run: async ({ call, output }, given) => {
    const login = given.required('login');
    const answer = await call({ method: 'DELETE', path: ['users', login] });
    if (answer instanceof Failure) return answer;
    output.done(`User [${login}] successfully deleted`, answer.body);
    return undefined;
  },
};

const list: Command = {
  path: ['auth', 'user', 'list'],
  summary: 'lists all users',
  options: { details: detailsOption, fields: fieldsOption },
  run: async ({ call, output }, given) => {
    const answer = await call({ method: 'GET', path: ['users'] });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Users', answer.body, columns, given), answer.body);
    return undefined;
  },
};

const search: Command = {
  path: ['auth', 'user', 'search'],
  summary: 'lists the users that the criteria mean',
  options: { ...criteriaOptions, details: detailsOption },
  run: async ({ call, output }, given) => {
    const body = { criteria: criteriaOf(given, search.path) };
    const answer = await call({ method: 'POST', path: ['users', 'search'], body });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Users', answer.body, columns, given), answer.body);
    return undefined;
  },
};

const disable = switchCommand({
  verb: 'disable',
  summary: 'keeps a user out, ends their sessions, and forgets nothing else of them',
  disabled: true,
});
const enable = switchCommand({
  verb: 'enable',
  summary: 'lets a disabled user in again, by the password they had',
  disabled: false,
});

interface Switch {
  readonly verb: 'disable' | 'enable';
  readonly summary: string;
  readonly disabled: boolean;
}

function switchCommand({ verb, summary, disabled }: Switch): Command {
  return {
    path: ['auth', 'user', verb],
    summary,
    options: { login: loginOption },
    run: async ({ call, output }, given) => {
      const login = given.required('login');
      const body = { delta: { disabled } };
      const answer = await call({ method: 'PUT', path: ['users', login], body });
      if (answer instanceof Failure) return answer;
      output.done(`User [${login}] successfully ${verb}d`, answer.body);
      return undefined;
    },
  };
}

export const userCommands: readonly Command[] = [
  create,
  update,
  disable,
  enable,
  remove,
  list,
  search,
];
