/** Commands whose work is done by tasks of the server: they wait for these, or leave them to it. */

import type { CommandOption, Context, Given } from './command.ts';
import { Failure } from './failure.ts';
import { followTasks } from './server/follow-tasks.ts';
import { type Fields, fieldsOf, listOf, textOf } from './untrusted.ts';

export const backgroundOption: CommandOption = {
  text: 'Ends when the server has accepted it, and leaves the task to the server.',
};

/**
 * With `--bg` it tells which task was begun; otherwise it waits for the tasks, and tells `sentence`. With
 * --json that is the call report, or the tasks as they ended.
 *
 * @param report a call report
 * @param sentence what is done then, without a full stop
 */
export async function finishTasks(
  { call, output }: Pick<Context, 'call' | 'output'>,
  given: Given,
  report: unknown,
  sentence: (tasks: readonly Fields[]) => string,
): Promise<Failure | undefined> {
  if (given.has('bg')) {
    const ids = listOf(fieldsOf(report).spawned_tasks).map((task) =>
      textOf(fieldsOf(task).task_id),
    );
    output.done(`The server does it as task [${ids.join(', ')}]`, report);
    return undefined;
  }
  const followed = await followTasks({ call, output }, report);
  if (followed instanceof Failure) return followed;
  output.done(sentence(followed.tasks), followed.tasks);
  return undefined;
}
