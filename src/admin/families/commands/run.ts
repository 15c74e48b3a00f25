/** `X repo sync run|status` and `X repo publish run|status`. */

import { finalStates } from '../../../tasks/task.ts';
import { backgroundOption, finishTasks } from '../../background.ts';
import type { Command, Context, Given } from '../../command.ts';
import { repositoryOption } from '../../commands/names.ts';
import { Failure } from '../../failure.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../../untrusted.ts';
import type { RepositoryFamily } from '../family.ts';
import { pathOf } from './common.ts';

/** What a repository is told to do. */
interface Action {
  readonly word: 'sync' | 'publish';
  readonly summary: string;
  readonly description: string;
  readonly forced: string;
  /** Of the call, besides the settings of this one run. */
  readonly body: Fields;
  readonly sentence: (task: Fields) => string;
}

export function syncCommands(family: RepositoryFamily): readonly Command[] {
  // What has no feed cannot be synced.
  if (!Object.hasOwn(family.importer?.options ?? {}, 'feed')) return [];
  return commandsOf(family, {
    word: 'sync',
    summary: 'takes over what the feed of a repository has, and publishes what came',
    description: 'Files that are in the storage already are not fetched again.',
    forced: 'Reads the metadata of the feed anew, though it did not change.',
    body: {},
    sentence: syncSentence,
  });
}

export function publishCommands(family: RepositoryFamily): readonly Command[] {
  return commandsOf(family, {
    word: 'publish',
    summary: 'publishes what is in a repository',
    description:
      'Clients get it at once; those in the middle of a transaction get the files of the publication before for some time. Where nothing changed since, nothing is made.',
    forced: 'Publishes although nothing changed.',
    body: { id: family.distributor.id },
    sentence: publishSentence,
  });
}

function commandsOf(family: RepositoryFamily, action: Action): readonly Command[] {
  const { word, summary, description, forced } = action;
  return [
    {
      path: pathOf(family, word, 'run'),
      summary,
      description: [description, 'One that waits or runs already is waited for in its place.'],
      options: {
        'repo-id': repositoryOption,
        'force-full': { text: forced },
        bg: backgroundOption,
      },
      run: (context, given) => run(action, context, given),
    },
    {
      path: pathOf(family, word, 'status'),
      summary: `shows how far the ${word} of a repository is that waits or runs, until it is over`,
      options: { 'repo-id': repositoryOption },
      run: async (context, given) => {
        const report = await underWay(action, context, given.required('repo-id'));
        if (report instanceof Failure) return report;
        if (report !== undefined) return finish(action, context, given, report);
        context.output.done(`No ${word} of the repository waits or runs.`, []);
        return undefined;
      },
    },
  ];
}

async function run(action: Action, context: Context, given: Given): Promise<Failure | undefined> {
  const id = given.required('repo-id');
  const present = await underWay(action, context, id);
  if (present instanceof Failure) return present;
  if (present !== undefined) {
    context.output.remark(`A ${action.word} of the repository is under way already.`);
    return finish(action, context, given, present);
  }
  const override = given.has('force-full') ? { force_full: true } : {};
  const path = ['repositories', id, 'actions', action.word];
  const body = { ...action.body, override_config: override };
  const answer = await context.call({ method: 'POST', path, body });
  return answer instanceof Failure ? answer : finish(action, context, given, answer.body);
}

function finish(
  { sentence }: Action,
  context: Context,
  given: Given,
  report: unknown,
): Promise<Failure | undefined> {
  return finishTasks(context, given, report, ([task]) => sentence(task ?? {}));
}

/** As a call report: the one that began first of those that are not over. */
async function underWay(
  { word }: Action,
  { call }: Context,
  id: string,
): Promise<Fields | Failure | undefined> {
  const tags = [`pulp:repository:${id}`, `pulp:action:${word}`];
  const filters = { state: { $nin: finalStates }, tags: { $all: tags } };
  const body = { criteria: { filters, limit: 1 } };
  const answer = await call({ method: 'POST', path: ['tasks', 'search'], body });
  if (answer instanceof Failure) return answer;
  const spawned = listOf(answer.body).map((task) => ({ task_id: fieldsOf(task).task_id }));
  return spawned.length === 0 ? undefined : { spawned_tasks: spawned };
}

function publishSentence({ result }: Fields): string {
  const { result: outcome, summary } = fieldsOf(result);
  return outcome === 'skipped' && textOf(summary) !== '' ? textOf(summary) : 'Task Succeeded';
}

function syncSentence({ result }: Fields): string {
  const { added_count: added, updated_count: updated, removed_count: removed } = fieldsOf(result);
  const counts = [added, updated, removed].map((count) => textOf(count) || '0');
  return `Task Succeeded: ${counts[0]} added, ${counts[1]} updated, ${counts[2]} removed`;
}
