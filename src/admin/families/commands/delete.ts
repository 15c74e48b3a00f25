/** `X repo delete`. */

import { backgroundOption, finishTasks } from '../../background.ts';
import type { Command } from '../../command.ts';
import { repositoryOption } from '../../commands/names.ts';
import { Failure } from '../../failure.ts';
import type { RepositoryFamily } from '../family.ts';
import { pathOf } from './common.ts';

export function deleteCommand(family: RepositoryFamily): Command {
  return {
    path: pathOf(family, 'delete'),
    summary: 'deletes a repository, and all that is published of it',
    description: [
      'Clients get nothing of it any more. Its units stay where another repository has them; the others are orphans, which `orphan remove` removes.',
    ],
    options: { 'repo-id': repositoryOption, bg: backgroundOption },
    run: async (context, given) => {
      const id = given.required('repo-id');
      const answer = await context.call({ method: 'DELETE', path: ['repositories', id] });
      if (answer instanceof Failure) return answer;
      const sentence = `Repository [${id}] successfully deleted`;
      return finishTasks(context, given, answer.body, () => sentence);
    },
  };
}
