/** `portcullis-admin repo list` and `download`: repositories of every type. */

import { backgroundOption, finishTasks } from '../background.ts';
import type { Command } from '../command.ts';
import { Failure } from '../failure.ts';
import { field, showResources } from '../present/resources.ts';
import { usage } from '../read-options.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../untrusted.ts';
import { detailsOption, fieldsOption, repositoryOption } from './names.ts';

const summaryColumns = [
  { title: 'ID', cell: field('id') },
  { title: 'DISPLAY NAME', cell: field('display_name') },
];

export const repositoryColumns = [
  ...summaryColumns,
  { title: 'TYPE', cell: (repository: Fields) => textOf(fieldsOf(repository.notes)['_repo-type']) },
  { title: 'UNITS', cell: unitsOf },
  { title: 'LAST ADDED', cell: field('last_unit_added') },
  { title: 'LAST REMOVED', cell: field('last_unit_removed') },
];

/** `3 rpm, 1 erratum` */
function unitsOf({ content_unit_counts: counts }: Fields): string {
  return Object.entries(fieldsOf(counts))
    .map(([type, count]) => `${textOf(count)} ${type}`)
    .join(', ');
}

const list: Command = {
  path: ['repo', 'list'],
  summary: 'lists the repositories of every type, or shows one',
  options: {
    'repo-id': { value: 'ID', text: 'Shows this repository alone.' },
    summary: { text: 'Shows ids and display names alone.' },
    details: detailsOption,
    fields: fieldsOption,
  },
  run: async ({ call, output }, given) => {
    const shown = ['summary', 'details', 'fields'].filter((name) => given.has(name));
    if (shown.length > 1) {
      throw usage(list.path, 'Cannot list so: give one of --summary, --details and --fields');
    }
    const id = given.one('repo-id');
    // Fields may be asked for that only the details have.
    const isWhole = given.has('details') || given.has('fields');
    const answer = await call({
      method: 'GET',
      path: ['repositories', ...(id === undefined ? [] : [id])],
      query: isWhole ? [['details', 'true']] : [],
    });
    if (answer instanceof Failure) return answer;
    const repositories = id === undefined ? listOf(answer.body) : [answer.body];
    const columns = given.has('summary') ? summaryColumns : repositoryColumns;
    output.show(showResources('Repositories', repositories, columns, given), answer.body);
    return undefined;
  },
};

const download: Command = {
  path: ['repo', 'download'],
  summary: 'looks whether all bytes of a repository are there',
  description: [
    'Downloads are immediate here, so that nothing is left to be fetched. With --verify-all every file is read, and compared with its digest.',
  ],
  options: {
    'repo-id': repositoryOption,
    'verify-all': { text: 'Reads each file, and compares it with its digest.' },
    bg: backgroundOption,
  },
  run: async (context, given) => {
    const id = given.required('repo-id');
    const answer = await context.call({
      method: 'POST',
      path: ['repositories', id, 'actions', 'download'],
      body: { verify_all_units: given.has('verify-all') },
    });
    if (answer instanceof Failure) return answer;
    return finishTasks(context, given, answer.body, ([task]) => {
      const count = textOf(fieldsOf(task?.result).units_looked_at);
      return `Repository [${id}] has all of its bytes; units that were looked at: ${count}`;
    });
  },
};

export const repositoryCommands: readonly Command[] = [list, download];
