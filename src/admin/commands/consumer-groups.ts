/** `portcullis-admin consumer group …`. */

import type { Command, CommandOption } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { fieldsOf, listOf, textOf } from '../untrusted.ts';
import { consumerColumns } from './consumers.ts';
import { groupOption } from './group-family.ts';
import { createGroupCommands } from './groups.ts';
import { distributorOption, repositoryOption } from './names.ts';

const groups = createGroupCommands({
  path: ['consumer', 'group'],
  title: 'Consumer Group',
  what: 'group of consumers',
  resource: 'consumer_groups',
  members: {
    title: 'Consumers',
    what: 'consumers',
    one: 'consumer',
    resource: 'consumers',
    field: 'consumer_ids',
    option: 'consumer-id',
    columns: consumerColumns,
  },
});

const options: Readonly<Record<string, CommandOption>> = {
  'group-id': groupOption,
  'repo-id': repositoryOption,
  'distributor-id': distributorOption,
};

const bind: Command = {
  path: ['consumer', 'group', 'bind'],
  summary: 'lets each consumer that is in a group now read a repository',
  description: ['Whoever comes into the group later is not bound, and who leaves it stays bound.'],
  options,
  run: async ({ call, output }, given) => {
    const [id, repo_id] = [given.required('group-id'), given.required('repo-id')];
    const body = { repo_id, distributor_id: given.required('distributor-id'), notify_agent: false };
    const answer = await call({ method: 'POST', path: ['consumer_groups', id, 'bindings'], body });
    if (answer instanceof Failure) return answer;
    const { bound, full } = fieldsOf(fieldsOf(answer.body).result);
    const done = `Consumers of group [${id}] that are bound to repository [${repo_id}]`;
    output.done(`${done}: ${listOf(bound).length}`, answer.body);
    return fullConsumers(listOf(full).map(textOf));
  },
};

const unbind: Command = {
  path: ['consumer', 'group', 'unbind'],
  summary: 'ends the binding of each consumer that is in a group now',
  options,
  run: async ({ call, output }, given) => {
    const [id, repository] = [given.required('group-id'), given.required('repo-id')];
    const path = [
      ...['consumer_groups', id, 'bindings'],
      ...[repository, given.required('distributor-id')],
    ];
    const answer = await call({ method: 'DELETE', path });
    if (answer instanceof Failure) return answer;
    const { unbound } = fieldsOf(fieldsOf(answer.body).result);
    const done = `Consumers of group [${id}] that were unbound from repository [${repository}]`;
    output.done(`${done}: ${listOf(unbound).length}`, answer.body);
    return undefined;
  },
};

function fullConsumers(ids: readonly string[]): Failure | undefined {
  if (ids.length === 0) return undefined;
  return new Failure({
    title: 'Conflict',
    lines: [
      'These consumers have as many bindings as they may, and were not bound:',
      ...ids.map((id) => `  ${id}`),
    ],
    exitCode: exitCodes.data,
  });
}

export const consumerGroupCommands: readonly Command[] = [...groups, bind, unbind];
