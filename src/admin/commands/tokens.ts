/** `portcullis-admin token …`: tokens of customers. Pulp has no such tokens. */

import { readSecret } from '../../terminal/prompt.ts';
import type { Command } from '../command.ts';
import { criteriaOf, criteriaOptions } from '../criteria.ts';
import { Failure } from '../failure.ts';
import type { Output } from '../present/output.ts';
import { field, showResources } from '../present/resources.ts';
import { shownFields } from '../present/text.ts';
import { usage } from '../read-options.ts';
import { aborted } from '../server/identity.ts';
import { type Fields, textOf } from '../untrusted.ts';
import { detailsOption, fieldsOption, tokenOption } from './names.ts';
import { createToken, rotateToken } from './token-secrets.ts';
import { clearedOf, clearOption, limitOptions, limitsOf } from './token-terms.ts';

const columns = [
  { title: 'ID', cell: field('id') },
  { title: 'CUSTOMER', cell: field('customer') },
  { title: 'STATE', cell: (token: Fields) => textOf(token.state).replaceAll('_', ' ') },
  { title: 'DOWNLOADS', cell: countOf('downloads') },
  { title: 'BYTES', cell: countOf('bytes') },
  { title: 'LAST USED', cell: field('last_used') },
  { title: 'VALID UNTIL', cell: field('valid_until') },
];

/** `3 of 10`, or `3` where nothing limits it. */
function countOf(name: string): (token: Fields) => string {
  return (token) => {
    const limit = textOf(token[`${name}_max`]);
    return limit === '' ? textOf(token[name]) : `${textOf(token[name])} of ${limit}`;
  };
}

const list: Command = {
  path: ['token', 'list'],
  summary: 'lists the tokens of all customers, or of one, with what was counted of each',
  options: {
    customer: {
      value: 'NAME',
      text: 'Lists the tokens of this customer; given more than once, of each of them.',
      isRepeatable: true,
    },
    details: detailsOption,
    fields: fieldsOption,
  },
  run: async ({ call, output }, given) => {
    const query = given.all('customer').map((name) => ['customer', name] as const);
    const answer = await call({ method: 'GET', path: ['tokens'], query });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Tokens', answer.body, columns, given), answer.body);
    return undefined;
  },
};

const search: Command = {
  path: ['token', 'search'],
  summary: 'lists the tokens that the criteria mean',
  options: { ...criteriaOptions, details: detailsOption },
  run: async ({ call, output }, given) => {
    const body = { criteria: criteriaOf(given, search.path) };
    const answer = await call({ method: 'POST', path: ['tokens', 'search'], body });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Tokens', answer.body, columns, given), answer.body);
    return undefined;
  },
};

const show: Command = {
  path: ['token', 'show'],
  summary: 'shows one token with its limits and what was counted of it',
  options: { 'token-id': tokenOption },
  run: async ({ call, output }, given) => {
    const answer = await call({ method: 'GET', path: ['tokens', given.required('token-id')] });
    if (answer instanceof Failure) return answer;
    showToken(output, answer.body);
    return undefined;
  },
};

const identify: Command = {
  path: ['token', 'identify'],
  summary: 'shows which token has a secret that was found somewhere',
  description: [
    'Asks for the secret without showing it. When the standard input is no terminal, its first line is the secret; call by a session or with -p then.',
  ],
  options: {},
  run: async ({ call, output }) => {
    const secret = await readSecret('Enter the secret of a token: ');
    if (secret === undefined) return aborted();
    const path = ['tokens', 'actions', 'identify'];
    const answer = await call({ method: 'POST', path, body: { secret } });
    if (answer instanceof Failure) return answer;
    showToken(output, answer.body);
    return undefined;
  },
};

function showToken(output: Output, body: unknown): void {
  const documents = [shownFields(body)];
  output.show({ title: 'Token', none: 'None.', content: { documents } }, body);
}

const update: Command = {
  path: ['token', 'update'],
  summary: 'changes what a token is good for; its secret and its counts stay',
  options: {
    'token-id': tokenOption,
    customer: { value: 'NAME', text: 'The new name of the customer.' },
    ...limitOptions,
    clear: clearOption,
  },
  run: async ({ call, output }, given) => {
    const id = given.required('token-id');
    const customer = given.one('customer');
    const delta = {
      ...(customer !== undefined && { customer }),
      ...clearedOf(given, update.path),
      ...limitsOf(given, update.path),
    };
    if (Object.keys(delta).length === 0) {
      throw usage(update.path, 'Cannot update the token: give a limit, --clear or --customer');
    }
    const answer = await call({ method: 'PUT', path: ['tokens', id], body: { delta } });
    if (answer instanceof Failure) return answer;
    output.done(`Token [${id}] successfully updated`, answer.body);
    return undefined;
  },
};

const revoke: Command = {
  path: ['token', 'revoke'],
  summary: 'ends a token for good: it opens nothing any more',
  description: [
    'Every worker on every host obeys within a second. The token stays in the list with the reason, which the log tells of whoever still uses it.',
  ],
  options: {
    'token-id': tokenOption,
    reason: { value: 'TEXT', text: 'Why, for whoever reads the list.', isRequired: true },
  },
  run: async ({ call, output }, given) => {
    const id = given.required('token-id');
    const path = ['tokens', id, 'actions', 'revoke'];
    const body = { reason: given.required('reason') };
    const answer = await call({ method: 'POST', path, body });
    if (answer instanceof Failure) return answer;
    output.done(`Token [${id}] successfully revoked`, answer.body);
    return undefined;
  },
};

const remove: Command = {
  path: ['token', 'delete'],
  summary: 'deletes a token with its counts: it opens nothing any more',
  options: { 'token-id': tokenOption },
  run: async ({ call, output }, given) => {
    const id = given.required('token-id');
    const answer = await call({ method: 'DELETE', path: ['tokens', id] });
    if (answer instanceof Failure) return answer;
    output.done(`Token [${id}] successfully deleted`, answer.body);
    return undefined;
  },
};

export const tokenCommands: readonly Command[] = [
  createToken,
  list,
  search,
  show,
  identify,
  update,
  rotateToken,
  revoke,
  remove,
];
