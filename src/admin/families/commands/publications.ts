/** `X repo publications` and `X repo rollback`: ours, Pulp keeps no earlier publications. */

import { backgroundOption, finishTasks } from '../../background.ts';
import type { Command } from '../../command.ts';
import { detailsOption, repositoryOption } from '../../commands/names.ts';
import { Failure } from '../../failure.ts';
import { field, showResources } from '../../present/resources.ts';
import { type Fields, fieldsOf, textOf } from '../../untrusted.ts';
import type { RepositoryFamily } from '../family.ts';
import { pathOf } from './common.ts';

const columns = [
  { title: 'ID', cell: field('id') },
  { title: 'MADE', cell: field('created') },
  { title: 'STATE', cell: stateOf },
  {
    title: 'UNITS',
    cell: ({ unit_counts: counts }: Fields) =>
      Object.entries(fieldsOf(counts))
        .map(([type, count]) => `${type}: ${textOf(count)}`)
        .join(', '),
  },
];

function stateOf({ state, is_served: isServed, served_until: until }: Fields): string {
  if (isServed === true) return 'served';
  if (state !== 'complete') return textOf(state);
  return textOf(until) === '' ? 'kept' : `its files are served until ${textOf(until)}`;
}

export function publicationsCommand(family: RepositoryFamily): Command {
  const distributor = family.distributor.id;
  return {
    path: pathOf(family, 'publications'),
    summary: 'lists the publications of a repository that are kept, the latest first',
    options: { 'repo-id': repositoryOption, details: detailsOption },
    run: async ({ call, output }, given) => {
      const id = given.required('repo-id');
      const path = ['repositories', id, 'distributors', distributor, 'publications'];
      const answer = await call({ method: 'GET', path });
      if (answer instanceof Failure) return answer;
      output.show(showResources('Publications', answer.body, columns, given), answer.body);
      return undefined;
    },
  };
}

export function rollbackCommand(family: RepositoryFamily): Command {
  return {
    path: pathOf(family, 'rollback'),
    summary: 'serves an earlier publication of a repository again',
    description: [
      'The units of the repository stay: the next publish has them all. Nothing is made, so that it takes no longer for many packages than for few.',
    ],
    options: {
      'repo-id': repositoryOption,
      publication: {
        value: 'ID',
        text: 'The publication, of those that `publications` lists; the one before the present one unless given.',
      },
      bg: backgroundOption,
    },
    run: async (context, given) => {
      const path = ['repositories', given.required('repo-id'), 'actions', 'rollback'];
      const publication = given.one('publication') ?? null;
      const body = { id: family.distributor.id, publication };
      const answer = await context.call({ method: 'POST', path, body });
      if (answer instanceof Failure) return answer;
      return finishTasks(context, given, answer.body, ([task]) => {
        const served = textOf(fieldsOf(task?.result).publication);
        return `Publication [${served}] is served`;
      });
    },
  };
}
