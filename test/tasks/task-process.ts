/**
 * A task worker in a process of its own, for the tests of sudden death.
 *
 *     node task-process.ts SETTINGS TIMING WORKER EVENTS
 *
 * Adds one line of JSON to the file EVENTS when a task begins and when it ends. The kinds are `retry` and
 * `fail`, as they are when they are lost; each takes `milliseconds`.
 */

import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import { createTaskRunner } from '../../src/tasks/create-runner.ts';
import type { RunningTask, TaskKind } from '../../src/tasks/kind.ts';
import { openTasksStore, silent } from './fixture.ts';

export interface TaskEvent {
  readonly event: 'begin' | 'end';
  readonly taskId: string;
  readonly pid: number;
  /** Nanoseconds of a clock that all processes of a host share, which JSON keeps to the microsecond. */
  readonly at: number;
}

if (import.meta.main) {
  const [settings = '', timing = '', worker = '', events = ''] = process.argv.slice(2);
  const say = (event: TaskEvent['event'], { taskId }: RunningTask): void => {
    const at = Number(process.hrtime.bigint());
    appendFileSync(events, `${JSON.stringify({ event, taskId, pid: process.pid, at })}\n`);
  };
  const run = async (task: RunningTask): Promise<number> => {
    say('begin', task);
    try {
      task.progress({ step: 'half' });
      await sleep(Number(task.arguments.milliseconds), undefined, { signal: task.signal });
      await task.spawn({ name: 'unknown', arguments: { parent: task.taskId } });
      return task.attempt;
    } finally {
      say('end', task);
    }
  };
  const kinds: readonly (readonly [string, TaskKind])[] = [
    ['retry', { whenLost: 'retry', attemptsMax: 50, run }],
    ['fail', { whenLost: 'fail', run }],
  ];
  const queue = createTaskQueue(await openTasksStore(JSON.parse(settings)));
  createTaskRunner(queue, new Map(kinds), {
    worker,
    concurrency: 4,
    log: silent,
    timing: JSON.parse(timing),
  });
}
