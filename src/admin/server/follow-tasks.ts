/** Waits for the tasks that a call began, and shows how far they are. */

import { setTimeout as sleep } from 'node:timers/promises';
import { finalStates } from '../../tasks/task.ts';
import type { Context } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Step } from '../present/progress.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../untrusted.ts';
import { stepsOf } from './task-steps.ts';

/** Between two looks at a task, in milliseconds: short at first, for tasks that take no time. */
const firstPauseMs = 100;
const pauseMsMax = 1000;

/** Tasks that are followed: those of the call, and those that they spawn. */
export const followedTasksMax = 1000;

/** A name that no path could be made of is no task. */
const taskId = /^[\w-]{1,100}$/;

export interface Followed {
  /** Each task as it ended, those of the call first. */
  readonly tasks: readonly Fields[];
}

/**
 * @param report a call report, or a list of such
 * @param options isOneOfMany: whoever calls for each of many has told that the command may be left
 * @returns the tasks as they ended; a failure when one of them failed, or they cannot be looked at
 */
export async function followTasks(
  { call, output }: Pick<Context, 'call' | 'output'>,
  report: unknown,
  { isOneOfMany = false }: { readonly isOneOfMany?: boolean } = {},
): Promise<Followed | Failure> {
  const waiting = spawnedBy(report);
  const ended = new Map<string, Fields>();
  if (waiting.length > 0 && !isOneOfMany) {
    output.remark('This command may be exited via ctrl+c without affecting the request.');
  }
  const progress = output.progress();
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    if (ended.has(id) || ended.size >= followedTasksMax) continue;
    const task = await followOne(call, id, (steps) => progress.show(steps));
    progress.end();
    if (task instanceof Failure) return task;
    ended.set(id, task);
    waiting.push(...spawnedBy(task));
  }
  const tasks = [...ended.values()];
  return tasks.map(failureOf).find((failure) => failure !== undefined) ?? { tasks };
}

async function followOne(
  call: Context['call'],
  id: string,
  show: (steps: readonly Step[]) => void,
): Promise<Fields | Failure> {
  for (let pause = firstPauseMs; ; pause = Math.min(pauseMsMax, pause * 2)) {
    const answer = await call({ method: 'GET', path: ['tasks', id] });
    if (answer instanceof Failure) return answer;
    const task = fieldsOf(answer.body);
    show(stepsOf(task));
    if (finalStates.some((state) => state === task.state)) return task;
    await sleep(pause);
  }
}

function spawnedBy(report: unknown): string[] {
  return [report]
    .flat()
    .flatMap((one) => listOf(fieldsOf(one).spawned_tasks))
    .map((spawned) => textOf(fieldsOf(spawned).task_id))
    .filter((id) => taskId.test(id));
}

function failureOf(task: Fields): Failure | undefined {
  const state = textOf(task.state);
  if (state === 'finished' || state === 'skipped') return undefined;
  if (state === 'canceled') {
    const lines = [`The task ${textOf(task.task_id)} was cancelled.`];
    return new Failure({ title: 'Task Cancelled', lines, exitCode: exitCodes.software });
  }
  const { code, description } = fieldsOf(task.error);
  const why = [textOf(code), textOf(description)].filter((text) => text !== '').join(': ');
  return new Failure({
    title: 'Task Failed',
    lines: [
      why === '' ? 'The server does not say why.' : why,
      `See \`portcullis-admin tasks details --task-id ${textOf(task.task_id)}\`.`,
    ],
    exitCode: exitCodes.software,
  });
}
