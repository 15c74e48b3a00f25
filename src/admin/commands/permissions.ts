/** `portcullis-admin auth permission …`. */

import type { Command, CommandOption, Given } from '../command.ts';
import { Failure } from '../failure.ts';
import { showResources } from '../present/resources.ts';
import { usage } from '../read-options.ts';
import { fieldsOf, listOf, textOf } from '../untrusted.ts';
import { detailsOption } from './names.ts';

const operations = ['CREATE', 'READ', 'UPDATE', 'DELETE', 'EXECUTE'];

const resource: CommandOption = {
  value: 'PATH',
  text: 'The resource, as /v2/repositories/; what is below it is meant as well.',
};

const list: Command = {
  path: ['auth', 'permission', 'list'],
  summary: 'lists who may do what with a resource',
  description: [
    'What a role grants is shown as of each of its members; a role without members is not shown. Super-users may do everything, and are not listed for it.',
  ],
  options: {
    resource: { ...resource, text: 'The resource, as /v2/repositories/; all unless given.' },
    details: detailsOption,
  },
  run: async ({ call, output }, given) => {
    const name = given.one('resource');
    const answer = await call({
      method: 'GET',
      path: ['permissions'],
      ...(name !== undefined && { query: [['resource', name]] as const }),
    });
    if (answer instanceof Failure) return answer;
    const rows = given.has('details') ? answer.body : grantsOf(answer.body);
    const columns = ['resource', 'user', 'operations'].map((key) => ({
      title: key.toUpperCase(),
      cell: (row: Readonly<Record<string, unknown>>) => textOf(row[key]),
    }));
    output.show(showResources('Permissions', rows, columns, given), answer.body);
    return undefined;
  },
};

/** One row for each user of each resource. */
function grantsOf(body: unknown): readonly unknown[] {
  return listOf(body)
    .map(fieldsOf)
    .flatMap(({ resource: path, users }) =>
      Object.entries(fieldsOf(users)).map(([user, names]) => ({
        resource: textOf(path),
        user,
        operations: listOf(names).map(textOf).join(', '),
      })),
    );
}

const grant = changeCommand('grant', 'lets a user or a role do something with a resource', 'to');
const revoke = changeCommand('revoke', 'takes back what was granted', 'from');

function changeCommand(verb: 'grant' | 'revoke', summary: string, way: 'to' | 'from'): Command {
  const path = ['auth', 'permission', verb];
  return {
    path,
    summary,
    options: {
      resource: { ...resource, isRequired: true },
      login: { value: 'NAME', text: 'The user; this or --role-id.' },
      'role-id': { value: 'ID', text: 'The role; this or --login.' },
      operation: {
        value: 'OPERATION',
        short: 'o',
        text: `One of ${operations.join(', ')}; given more than once, each of them.`,
        isRequired: true,
        isRepeatable: true,
      },
    },
    run: async ({ call, output }, given) => {
      const whom = whomOf(given, path);
      const body = {
        ...whom.body,
        resource: given.required('resource'),
        operations: operationsOf(given, path),
      };
      const action = `${verb}_${way}_${whom.kind}`;
      const answer = await call({ method: 'POST', path: ['permissions', 'actions', action], body });
      if (answer instanceof Failure) return answer;
      const done = verb === 'grant' ? 'granted to' : 'revoked from';
      output.done(
        `Permissions [${body.resource}: ${body.operations.join(', ')}] successfully ${done} ${whom.kind} [${whom.name}]`,
        answer.body,
      );
      return undefined;
    },
  };
}

function whomOf(given: Given, path: readonly string[]) {
  const [login, role] = [given.one('login'), given.one('role-id')];
  if (login !== undefined && role === undefined) {
    return { kind: 'user', name: login, body: { login } } as const;
  }
  if (role !== undefined && login === undefined) {
    return { kind: 'role', name: role, body: { role_id: role } } as const;
  }
  throw usage(path, `Cannot ${path.at(-1)} permissions: give either --login or --role-id`);
}

function operationsOf(given: Given, path: readonly string[]): readonly string[] {
  const names = given.all('operation').flatMap((text) => text.toUpperCase().split(','));
  const wrong = names.find((name) => !operations.includes(name));
  if (wrong === undefined) return [...new Set(names)];
  const right = operations.join(', ');
  throw usage(path, `Cannot use --operation ${JSON.stringify(wrong)}: expected one of ${right}`);
}

export const permissionCommands: readonly Command[] = [list, grant, revoke];
