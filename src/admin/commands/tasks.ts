/** `portcullis-admin tasks …`. */

import { taskStates } from '../../tasks/task.ts';
import type { Command, CommandOption, Given } from '../command.ts';
import { criteriaOf, criteriaOptions } from '../criteria.ts';
import { Failure } from '../failure.ts';
import { field, showResources } from '../present/resources.ts';
import type { DocumentFields } from '../present/text.ts';
import { usage } from '../read-options.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../untrusted.ts';
import { detailsOption } from './names.ts';

/** What waits or runs: what a list shows unless asked for more. */
export const unfinished: readonly string[] = ['waiting', 'running'];

/** What a purge may remove. */
const purgeable = ['finished', 'error', 'skipped'];

const taskOption: CommandOption = { value: 'ID', text: 'The id of the task.', isRequired: true };

/** Which states a list is of: those of {@link unfinished} without either. */
export const stateOptions: Readonly<Record<'all' | 'state', CommandOption>> = {
  all: { short: 'a', text: 'Lists the tasks of every state.' },
  state: {
    value: 'STATE',
    short: 's',
    text: `Lists the tasks of this state, one of ${taskStates.join(', ')}; given more than once, or as running,waiting, of each of them.`,
    isRepeatable: true,
  },
};

const list: Command = {
  path: ['tasks', 'list'],
  summary: 'lists the tasks that wait or run',
  options: {
    ...stateOptions,
    details: detailsOption,
  },
  run: async ({ call, output }, given) => {
    if (given.has('all') && given.has('state')) {
      throw usage(list.path, 'Cannot list the tasks: give either --all or --state');
    }
    const asked = readStates(given, list.path);
    const states = asked.length > 0 ? asked : unfinished;
    const filters = {
      ...(!given.has('all') && { state: { $in: states } }),
      group_id: null,
    };
    const fields = ['tags', 'task_id', 'state', 'start_time', 'finish_time', 'worker_name'];
    const body = { criteria: { filters, fields, sort: [['start_time', 'ascending']] } };
    const answer = await call({ method: 'POST', path: ['tasks', 'search'], body });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Tasks', answer.body, taskColumns, given), answer.body);
    return undefined;
  },
};

/**
 * The states that --state means. Checked here: to the server, a state that does not exist is one that no task is in.
 *
 * @throws PortcullisError USAGE
 */
export function readStates(given: Given, path: readonly string[]): readonly string[] {
  const states = given.all('state').flatMap((text) => text.split(','));
  const wrong = states.find((state) => !taskStates.some((right) => right === state));
  if (wrong === undefined) return states;
  const expected = `expected one of ${taskStates.join(', ')}`;
  throw usage(path, `Cannot use --state ${JSON.stringify(wrong)}: ${expected}`);
}

export const taskColumns = [
  { title: 'TASK ID', cell: field('task_id') },
  { title: 'STATE', cell: field('state') },
  { title: 'OPERATIONS', cell: (task: Fields) => tagsOf(task).operations.join(', ') },
  { title: 'RESOURCES', cell: (task: Fields) => tagsOf(task).resources.join(', ') },
  { title: 'STARTED', cell: field('start_time') },
  { title: 'FINISHED', cell: field('finish_time') },
];

const search: Command = {
  path: ['tasks', 'search'],
  summary: 'lists the tasks of every state that the criteria mean',
  options: { ...criteriaOptions, details: detailsOption },
  run: async ({ call, output }, given) => {
    const body = { criteria: criteriaOf(given, search.path) };
    const answer = await call({ method: 'POST', path: ['tasks', 'search'], body });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Tasks', answer.body, taskColumns, given), answer.body);
    return undefined;
  },
};

export function taskDetails(path: readonly string[]): Command {
  return {
    path,
    summary: 'shows one task with its progress and its result',
    options: { 'task-id': taskOption },
    run: async ({ call, output }, given) => {
      const answer = await call({ method: 'GET', path: ['tasks', given.required('task-id')] });
      if (answer instanceof Failure) return answer;
      const documents = [documentOf(fieldsOf(answer.body))];
      const shown = { title: 'Task Details', none: 'None.', content: { documents } };
      output.show(shown, answer.body);
      return undefined;
    },
  };
}

function documentOf(task: Fields): DocumentFields {
  const { operations, resources } = tagsOf(task);
  const { description, code } = fieldsOf(task.error);
  const error = [textOf(code), textOf(description)].filter((text) => text !== '').join(': ');
  return [
    ['operations', operations],
    ['resources', resources],
    ['state', task.state],
    ['start_time', task.start_time ?? 'Unstarted'],
    ['finish_time', task.finish_time ?? 'Incomplete'],
    ['task_id', task.task_id],
    ['task_type', task.task_type],
    ['worker_name', task.worker_name],
    ...(error === '' ? [] : [['error', error] as const]),
    ['result', task.result],
    ['progress_report', task.progress_report],
  ];
}

/** `pulp:action:sync` is an operation, `pulp:repository:zoo` the resource `zoo (repository)`. */
function tagsOf(task: Fields): {
  readonly operations: readonly string[];
  readonly resources: readonly string[];
} {
  const tags = listOf(task.tags).map((tag) => textOf(tag).split(':'));
  const rest = (parts: readonly string[]): string => parts.slice(2).join(':');
  const isAction = (parts: readonly string[]): boolean => parts[1] === 'action';
  return {
    operations: tags.filter(isAction).map(rest),
    resources: tags
      .filter((parts) => !isAction(parts))
      .map((parts) => (parts.length > 2 ? `${rest(parts)} (${parts[1]})` : parts.join(':'))),
  };
}

export function cancelTask(path: readonly string[]): Command {
  return {
    path,
    summary: 'cancels a task; one that is over stays as it is',
    options: { 'task-id': taskOption },
    run: async ({ call, output }, given) => {
      const answer = await call({ method: 'DELETE', path: ['tasks', given.required('task-id')] });
      if (answer instanceof Failure) return answer;
      output.done('Task cancel is successfully initiated.', answer.body);
      return undefined;
    },
  };
}

const purge: Command = {
  path: ['tasks', 'purge'],
  summary: 'removes tasks that are over',
  options: {
    all: { short: 'a', text: `Removes the tasks in each of the states ${purgeable.join(', ')}.` },
    state: {
      value: 'STATE',
      short: 's',
      text: `Removes the tasks of this state, one of ${purgeable.join(', ')}; can be given more than once.`,
      isRepeatable: true,
    },
  },
  run: async ({ call, output }, given) => {
    const asked = given.all('state').flatMap((text) => text.split(','));
    if (given.has('all') === asked.length > 0) {
      throw usage(purge.path, 'Cannot purge tasks: give either --all or --state');
    }
    const states = given.has('all') ? purgeable : asked;
    const query = states.map((state) => ['state', state] as const);
    const answer = await call({ method: 'DELETE', path: ['tasks'], query });
    if (answer instanceof Failure) return answer;
    output.done('Task purge is successfully completed.', answer.body);
    return undefined;
  },
};

export const taskCommands: readonly Command[] = [
  list,
  search,
  taskDetails(['tasks', 'details']),
  cancelTask(['tasks', 'cancel']),
  purge,
];
