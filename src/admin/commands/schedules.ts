/** `… repo sync schedules …` and `… repo publish schedules …`: what is done again and again. */

import type { Command, CommandOption, Given } from '../command.ts';
import { Failure } from '../failure.ts';
import type { RepositoryFamily } from '../families/family.ts';
import { field, showResources } from '../present/resources.ts';
import { usage } from '../read-options.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../untrusted.ts';
import { detailsOption, fieldsOption, repositoryOption } from './names.ts';

/** The schedules of one importer or distributor. */
interface Schedules {
  readonly words: readonly string[];
  readonly what: 'sync' | 'publish';
  /** Below a repository, as `importers/yum_importer`. */
  readonly owner: readonly string[];
}

/** Of importers there are none where nothing is synced. */
export function createScheduleCommands({
  word,
  importer,
  distributor,
}: Pick<RepositoryFamily, 'word' | 'importer' | 'distributor'>): readonly Command[] {
  const of = (what: 'sync' | 'publish', owner: readonly string[]): readonly Command[] => {
    const schedules = { words: [word, 'repo', what, 'schedules'], what, owner };
    return [
      createCommand(schedules),
      updateCommand(schedules),
      deleteCommand(schedules),
      listCommand(schedules),
      nextCommand(schedules),
    ];
  };
  return [
    ...(importer === undefined ? [] : of('sync', ['importers', importer.id])),
    ...of('publish', ['distributors', distributor.id]),
  ];
}

const scheduleOption: CommandOption = {
  value: 'ID',
  text: 'The id of the schedule.',
  isRequired: true,
};

const whenOption: CommandOption = {
  value: 'INTERVAL',
  short: 's',
  text: 'When, in ISO 8601: the first time and the period, as 2026-11-21T02:00:00Z/P1D for each night. With R3/ before it, three times. A period has a minute at least.',
};

const stateOptions: Readonly<Record<string, CommandOption>> = {
  'failure-threshold': {
    value: 'COUNT',
    text: 'After so many failures in a row it is disabled; never, unless given.',
  },
  enabled: { value: 'true|false', text: 'Whether it does anything; true unless given.' },
};

function createCommand({ words, what, owner }: Schedules): Command {
  const path = [...words, 'create'];
  return {
    path,
    summary: `has a repository ${what} again and again`,
    options: {
      'repo-id': repositoryOption,
      schedule: { ...whenOption, isRequired: true },
      ...stateOptions,
    },
    run: async ({ call, output }, given) => {
      const body = { schedule: given.required('schedule'), ...stateOf(given, path) };
      const answer = await call({ method: 'POST', path: pathOf(given, what, owner), body });
      if (answer instanceof Failure) return answer;
      const { _id: id } = fieldsOf(answer.body);
      output.done(`Schedule [${textOf(id)}] successfully created`, answer.body);
      return undefined;
    },
  };
}

function updateCommand({ words, what, owner }: Schedules): Command {
  const path = [...words, 'update'];
  return {
    path,
    summary: `changes when a repository has to ${what}; another interval begins anew`,
    options: {
      'repo-id': repositoryOption,
      'schedule-id': scheduleOption,
      schedule: whenOption,
      ...stateOptions,
    },
    run: async ({ call, output }, given) => {
      const [id, schedule] = [given.required('schedule-id'), given.one('schedule')];
      const body = { ...(schedule !== undefined && { schedule }), ...stateOf(given, path) };
      if (Object.keys(body).length === 0) {
        const right = 'give --schedule, --failure-threshold or --enabled';
        throw usage(path, `Cannot update the schedule: ${right}`);
      }
      const answer = await call({ method: 'PUT', path: [...pathOf(given, what, owner), id], body });
      if (answer instanceof Failure) return answer;
      output.done(`Schedule [${id}] successfully updated`, answer.body);
      return undefined;
    },
  };
}

function deleteCommand({ words, what, owner }: Schedules): Command {
  return {
    path: [...words, 'delete'],
    summary: 'ends a schedule; what it has begun goes on',
    options: { 'repo-id': repositoryOption, 'schedule-id': scheduleOption },
    run: async ({ call, output }, given) => {
      const id = given.required('schedule-id');
      const path = [...pathOf(given, what, owner), id];
      const answer = await call({ method: 'DELETE', path });
      if (answer instanceof Failure) return answer;
      output.done(`Schedule [${id}] successfully deleted`, answer.body);
      return undefined;
    },
  };
}

const columns = [
  { title: 'ID', cell: field('id') },
  { title: 'SCHEDULE', cell: field('schedule') },
  { title: 'STATE', cell: (one: Fields) => (one.enabled === true ? 'enabled' : 'disabled') },
  { title: 'NEXT RUN', cell: field('next_run') },
  { title: 'LAST RUN', cell: field('last_run_at') },
  { title: 'RUNS', cell: field('total_run_count') },
  { title: 'FAILED IN A ROW', cell: field('consecutive_failures') },
];

function listCommand({ words, what, owner }: Schedules): Command {
  return {
    path: [...words, 'list'],
    summary: `lists by which schedules a repository has to ${what}`,
    options: { 'repo-id': repositoryOption, details: detailsOption, fields: fieldsOption },
    run: async ({ call, output }, given) => {
      const answer = await call({ method: 'GET', path: pathOf(given, what, owner) });
      if (answer instanceof Failure) return answer;
      // Names that begin with `_` are not shown, and nothing else of a schedule is its id.
      const schedules = listOf(answer.body).map(fieldsOf);
      const shown = schedules.map(({ _id: id, ...rest }) => ({ id, ...rest }));
      output.show(showResources('Schedules', shown, columns, given), answer.body);
      return undefined;
    },
  };
}

function nextCommand({ words, what, owner }: Schedules): Command {
  return {
    path: [...words, 'next'],
    summary: `tells when a repository has to ${what} next`,
    description: ['Writes the time alone on the standard output; nothing where nothing is due.'],
    options: { 'repo-id': repositoryOption },
    run: async ({ call, output }, given) => {
      const answer = await call({ method: 'GET', path: pathOf(given, what, owner) });
      if (answer instanceof Failure) return answer;
      const times = listOf(answer.body).map((one) => textOf(fieldsOf(one).next_run));
      const next = times.filter((time) => time !== '').sort()[0];
      const told = next === undefined ? 'Nothing is due.' : `The next ${what} is due at ${next}.`;
      output.hand(next === undefined ? [] : [next], [told], answer.body);
      return undefined;
    },
  };
}

function pathOf(given: Given, what: string, owner: readonly string[]): readonly string[] {
  return ['repositories', given.required('repo-id'), ...owner, 'schedules', what];
}

/** An empty threshold is none. @throws PortcullisError USAGE */
function stateOf(given: Given, path: readonly string[]): Fields {
  const [threshold, enabled] = [given.one('failure-threshold'), given.one('enabled')];
  const isCount = threshold === undefined || /^\d{0,9}$/.test(threshold);
  if (!isCount) throw usage(path, 'Cannot use --failure-threshold: expected a whole number');
  if (enabled !== undefined && enabled !== 'true' && enabled !== 'false') {
    throw usage(path, 'Cannot use --enabled: expected true or false');
  }
  return {
    ...(threshold !== undefined && {
      failure_threshold: threshold === '' ? null : Number(threshold),
    }),
    ...(enabled !== undefined && { enabled: enabled === 'true' }),
  };
}
