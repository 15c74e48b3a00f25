/** `portcullis-admin event listener …`: who is told of what happens to repositories. */

import { eventTypes, everyEvent } from '../../repositories/events.ts';
import { readSecret } from '../../terminal/prompt.ts';
import type { Command, CommandOption, Given } from '../command.ts';
import { Failure } from '../failure.ts';
import { field, listField, showResources } from '../present/resources.ts';
import { usage } from '../read-options.ts';
import { aborted } from '../server/identity.ts';
import { type Fields, fieldsOf, textOf } from '../untrusted.ts';
import { detailsOption, fieldsOption } from './names.ts';

const listenerOption: CommandOption = {
  value: 'ID',
  text: 'The id of the listener.',
  isRequired: true,
};

const eventOption: CommandOption = {
  value: 'TYPE',
  text: `An event that it is told of: ${eventTypes.join(', ')}, or ${everyEvent} for each of them; can be given more than once.`,
  isRepeatable: true,
};

const accountOptions: Readonly<Record<string, CommandOption>> = {
  username: {
    value: 'NAME',
    text: 'The user by whom it is called; an update with none takes user and password away.',
  },
  password: {
    value: 'PASSWORD',
    text: 'The password of that user. Every user of this host can read it while the command starts; --ask-password asks for it.',
  },
  'ask-password': { text: 'Asks for the password of that user, without showing it.' },
};

const urlOption: CommandOption = {
  value: 'URL',
  text: 'What is called with a POST of JSON: http: or https:, without a user in it.',
};

const columns = [
  { title: 'ID', cell: field('id') },
  { title: 'NOTIFIER', cell: field('notifier_type_id') },
  { title: 'URL', cell: ({ notifier_config: config }: Fields) => textOf(fieldsOf(config).url) },
  { title: 'EVENTS', cell: listField('event_types') },
];

const list: Command = {
  path: ['event', 'listener', 'list'],
  summary: 'lists the listeners',
  options: { details: detailsOption, fields: fieldsOption },
  run: async ({ call, output }, given) => {
    const answer = await call({ method: 'GET', path: ['events'] });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Event Listeners', answer.body, columns, given), answer.body);
    return undefined;
  },
};

const remove: Command = {
  path: ['event', 'listener', 'delete'],
  summary: 'removes a listener: what waits for it is not told any more',
  options: { 'listener-id': listenerOption },
  run: async ({ call, output }, given) => {
    const id = given.required('listener-id');
    const answer = await call({ method: 'DELETE', path: ['events', id] });
    if (answer instanceof Failure) return answer;
    output.done(`Event listener [${id}] successfully deleted`, answer.body);
    return undefined;
  },
};

const createHttp: Command = {
  path: ['event', 'listener', 'http', 'create'],
  summary: 'has a URL called at events',
  options: {
    'event-type': { ...eventOption, isRequired: true },
    url: { ...urlOption, isRequired: true },
    ...accountOptions,
  },
  run: async (context, given) => {
    const config = await httpConfigOf(given, createHttp.path);
    return config instanceof Failure ? config : create(context, given, 'http', config);
  },
};

const updateHttp: Command = {
  path: ['event', 'listener', 'http', 'update'],
  summary: 'changes which URL is called, and at which events',
  options: {
    'listener-id': listenerOption,
    'event-type': eventOption,
    url: urlOption,
    ...accountOptions,
  },
  run: async (context, given) => {
    const config = await httpConfigOf(given, updateHttp.path);
    return config instanceof Failure ? config : update(context, given, config, updateHttp.path);
  },
};

const createLog: Command = {
  path: ['event', 'listener', 'log', 'create'],
  summary: 'has the workers with the role tasks write events into their log',
  options: { 'event-type': { ...eventOption, isRequired: true } },
  run: (context, given) => create(context, given, 'log', {}),
};

const updateLog: Command = {
  path: ['event', 'listener', 'log', 'update'],
  summary: 'changes which events are written into the log',
  options: { 'listener-id': listenerOption, 'event-type': { ...eventOption, isRequired: true } },
  run: (context, given) => update(context, given, {}, updateLog.path),
};

type RunParts = Parameters<Command['run']>[0];

async function create(
  { call, output }: RunParts,
  given: Given,
  notifier: 'http' | 'log',
  config: Fields,
): Promise<Failure | undefined> {
  const body = {
    notifier_type_id: notifier,
    notifier_config: config,
    event_types: given.all('event-type'),
  };
  const answer = await call({ method: 'POST', path: ['events'], body });
  if (answer instanceof Failure) return answer;
  const { id } = fieldsOf(answer.body);
  output.done(`Event listener [${textOf(id)}] successfully created`, answer.body);
  return undefined;
}

async function update(
  { call, output }: RunParts,
  given: Given,
  config: Fields,
  path: readonly string[],
): Promise<Failure | undefined> {
  const id = given.required('listener-id');
  const types = given.all('event-type');
  const body = {
    ...(Object.keys(config).length > 0 && { notifier_config: config }),
    ...(types.length > 0 && { event_types: types }),
  };
  if (Object.keys(body).length === 0) {
    const right = 'give --event-type, --url, --username or a password';
    throw usage(path, `Cannot update the listener: ${right}`);
  }
  const answer = await call({ method: 'PUT', path: ['events', id], body });
  if (answer instanceof Failure) return answer;
  output.done(`Event listener [${id}] successfully updated`, answer.body);
  return undefined;
}

/** What the line says of the URL; null takes a name away. @throws PortcullisError USAGE */
async function httpConfigOf(given: Given, path: readonly string[]): Promise<Fields | Failure> {
  const [url, username] = [given.one('url'), given.one('username')];
  const password = await passwordOf(given, path);
  if (password instanceof Failure) return password;
  return {
    ...(url !== undefined && { url }),
    ...(username !== undefined && { username: username || null }),
    ...(username === '' && { password: null }),
    ...(password !== undefined && { password: password || null }),
  };
}

async function passwordOf(
  given: Given,
  path: readonly string[],
): Promise<string | Failure | undefined> {
  const typed = given.one('password');
  if (!given.has('ask-password')) return typed;
  if (typed !== undefined) {
    throw usage(path, 'Cannot use --password with --ask-password: give one of them');
  }
  return (await readSecret('Enter the password of the listener: ')) ?? aborted();
}

export const eventListenerCommands: readonly Command[] = [
  list,
  createHttp,
  updateHttp,
  createLog,
  updateLog,
  remove,
];
