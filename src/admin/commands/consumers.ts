/** `portcullis-admin consumer …`: hosts that are registered, and what happened to them. */

import { consumerEventTypes } from '../../consumers/documents.ts';
import type { Command } from '../command.ts';
import { criteriaOf, criteriaOptions } from '../criteria.ts';
import { describingOptions, descriptionOf } from '../describing.ts';
import { Failure } from '../failure.ts';
import { field, showResources } from '../present/resources.ts';
import { historyOptions, queryOf } from '../query-options.ts';
import { usage } from '../read-options.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../untrusted.ts';
import { registerConsumer, renewConsumer } from './consumer-certificates.ts';
import { consumerOption, detailsOption, fieldsOption } from './names.ts';

export const consumerColumns = [
  { title: 'ID', cell: field('id') },
  { title: 'DISPLAY NAME', cell: field('display_name') },
  { title: 'DESCRIPTION', cell: field('description') },
  { title: 'CERTIFICATE UNTIL', cell: lastUntil },
];

/** Until when the last certificate is good that counts. */
function lastUntil({ certificates }: Fields): string {
  const times = listOf(certificates).map((one) => textOf(fieldsOf(one).until));
  return times.sort().at(-1) ?? '';
}

const boundColumn = {
  title: 'BOUND TO',
  cell: ({ bindings }: Fields): string =>
    listOf(bindings)
      .map(fieldsOf)
      .map(({ repo_id: id, distributor_id: by }) => `${textOf(id)} (${textOf(by)})`)
      .join(', '),
};

const list: Command = {
  path: ['consumer', 'list'],
  summary: 'lists the consumers, or shows one',
  options: {
    'consumer-id': { value: 'ID', text: 'Shows this consumer alone.' },
    bindings: { text: 'Shows what they are bound to as well.' },
    details: detailsOption,
    fields: fieldsOption,
  },
  run: async ({ call, output }, given) => {
    const id = given.one('consumer-id');
    const isBound = given.has('bindings');
    const answer = await call({
      method: 'GET',
      path: ['consumers', ...(id === undefined ? [] : [id])],
      query: isBound ? [['bindings', 'true']] : [],
    });
    if (answer instanceof Failure) return answer;
    const consumers = id === undefined ? listOf(answer.body) : [answer.body];
    const columns = isBound ? [...consumerColumns, boundColumn] : consumerColumns;
    output.show(showResources('Consumers', consumers, columns, given), answer.body);
    return undefined;
  },
};

const search: Command = {
  path: ['consumer', 'search'],
  summary: 'lists the consumers that the criteria mean',
  options: { ...criteriaOptions, details: detailsOption },
  run: async ({ call, output }, given) => {
    const body = { criteria: criteriaOf(given, search.path) };
    const answer = await call({ method: 'POST', path: ['consumers', 'search'], body });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Consumers', answer.body, consumerColumns, given), answer.body);
    return undefined;
  },
};

const update: Command = {
  path: ['consumer', 'update'],
  summary: 'changes the display name, the description or the notes of a consumer',
  options: { 'consumer-id': consumerOption, ...describingOptions },
  run: async ({ call, output }, given) => {
    const id = given.required('consumer-id');
    const delta = descriptionOf(given, update.path);
    if (Object.keys(delta).length === 0) {
      const right = 'give --display-name, --description or --note';
      throw usage(update.path, `Cannot update the consumer: ${right}`);
    }
    const answer = await call({ method: 'PUT', path: ['consumers', id], body: { delta } });
    if (answer instanceof Failure) return answer;
    output.done(`Consumer [${id}] successfully updated`, answer.body);
    return undefined;
  },
};

const unregister: Command = {
  path: ['consumer', 'unregister'],
  summary: 'deletes a consumer with its bindings: its certificates open nothing any more',
  options: { 'consumer-id': consumerOption },
  run: async ({ call, output }, given) => {
    const id = given.required('consumer-id');
    const answer = await call({ method: 'DELETE', path: ['consumers', id] });
    if (answer instanceof Failure) return answer;
    output.done(`Consumer [${id}] successfully unregistered`, answer.body);
    return undefined;
  },
};

const eventColumns = [
  { title: 'TIME', cell: field('timestamp') },
  { title: 'EVENT', cell: field('type') },
  { title: 'BY', cell: field('originator') },
  { title: 'DETAILS', cell: detailsText },
];

/** `repo_id=zoo, distributor_id=yum` */
function detailsText({ details }: Fields): string {
  return Object.entries(fieldsOf(details))
    .map(([name, value]) => `${name}=${textOf(value)}`)
    .join(', ');
}

const history: Command = {
  path: ['consumer', 'history'],
  summary: 'lists what happened to a consumer, the latest first',
  options: {
    'consumer-id': consumerOption,
    'event-type': {
      value: 'TYPE',
      text: `Lists events of this type alone, one of ${consumerEventTypes.join(', ')}.`,
    },
    ...historyOptions,
    details: detailsOption,
  },
  run: async ({ call, output }, given) => {
    const path = ['consumers', given.required('consumer-id'), 'history'];
    const query = queryOf(given, ['event-type', ...Object.keys(historyOptions)]);
    const answer = await call({ method: 'GET', path, query });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Consumer History', answer.body, eventColumns, given), answer.body);
    return undefined;
  },
};

export const consumerCommands: readonly Command[] = [
  registerConsumer,
  renewConsumer,
  list,
  search,
  update,
  unregister,
  history,
];
