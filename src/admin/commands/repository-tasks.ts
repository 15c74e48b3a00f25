/** `portcullis-admin repo tasks …`: the tasks of one repository. */

import type { Command } from '../command.ts';
import { Failure } from '../failure.ts';
import { showResources } from '../present/resources.ts';
import { usage } from '../read-options.ts';
import { detailsOption, repositoryOption } from './names.ts';
import {
  cancelTask,
  readStates,
  stateOptions,
  taskColumns,
  taskDetails,
  unfinished,
} from './tasks.ts';

const list: Command = {
  path: ['repo', 'tasks', 'list'],
  summary: 'lists the tasks of a repository that wait or run',
  options: {
    'repo-id': repositoryOption,
    ...stateOptions,
    details: detailsOption,
  },
  run: async ({ call, output }, given) => {
    if (given.has('all') && given.has('state')) {
      throw usage(list.path, 'Cannot list the tasks: give either --all or --state');
    }
    const asked = readStates(given, list.path);
    const states = given.has('all') ? [] : asked.length > 0 ? asked : unfinished;
    const query = [
      ['tag', `pulp:repository:${given.required('repo-id')}`] as const,
      ...states.map((state) => ['state', state] as const),
    ];
    const answer = await call({ method: 'GET', path: ['tasks'], query });
    if (answer instanceof Failure) return answer;
    output.show(showResources('Tasks', answer.body, taskColumns, given), answer.body);
    return undefined;
  },
};

export const repositoryTaskCommands: readonly Command[] = [
  list,
  taskDetails(['repo', 'tasks', 'details']),
  cancelTask(['repo', 'tasks', 'cancel']),
];
