/** `portcullis-admin repo history …`: what synchronizations and publishes came to. */

import type { Command, CommandOption, Given } from '../command.ts';
import { Failure } from '../failure.ts';
import { field, showResources } from '../present/resources.ts';
import { historyOptions, queryOf } from '../query-options.ts';
import { detailsOption, distributorOption, repositoryOption } from './names.ts';

const outcome = [
  { title: 'RESULT', cell: field('result') },
  { title: 'STARTED', cell: field('started') },
  { title: 'COMPLETED', cell: field('completed') },
];
const reason = { title: 'ERROR', cell: field('error_message') };

const sync = historyCommand({
  what: 'sync',
  title: 'Sync History',
  summary: 'lists what synchronizations of a repository came to, the latest first',
  own: {},
  columns: [
    ...outcome,
    { title: 'ADDED', cell: field('added_count') },
    { title: 'UPDATED', cell: field('updated_count') },
    { title: 'REMOVED', cell: field('removed_count') },
    reason,
  ],
  segments: () => [],
});

const publish = historyCommand({
  what: 'publish',
  title: 'Publish History',
  summary: 'lists what publishes of a distributor came to, the latest first',
  own: { 'distributor-id': distributorOption },
  columns: [...outcome, reason],
  segments: (given) => [given.required('distributor-id')],
});

interface HistoryParts {
  readonly what: 'sync' | 'publish';
  readonly title: string;
  readonly summary: string;
  readonly own: Readonly<Record<string, CommandOption>>;
  readonly columns: Parameters<typeof showResources>[2];
  /** What follows in the path. */
  readonly segments: (given: Given) => readonly string[];
}

function historyCommand({ what, title, summary, own, columns, segments }: HistoryParts): Command {
  return {
    path: ['repo', 'history', what],
    summary,
    options: {
      'repo-id': repositoryOption,
      ...own,
      ...historyOptions,
      details: detailsOption,
    },
    run: async ({ call, output }, given) => {
      const path = ['repositories', given.required('repo-id'), 'history', what, ...segments(given)];
      const query = queryOf(given, Object.keys(historyOptions));
      const answer = await call({ method: 'GET', path, query });
      if (answer instanceof Failure) return answer;
      output.show(showResources(title, answer.body, columns, given), answer.body);
      return undefined;
    },
  };
}

export const repositoryHistoryCommands: readonly Command[] = [sync, publish];
