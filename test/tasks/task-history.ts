/** What became of tasks whose workers were killed, and what must be true of it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TaskQueue } from '../../src/tasks/queue.ts';
import { isFinal, type Task } from '../../src/tasks/task.ts';
import type { TaskEvent } from './task-process.ts';

export interface Submitted {
  readonly task: Task;
  readonly resources: readonly string[];
  /** Monotonic milliseconds of the process of the test. */
  readonly begunAt: number;
  readonly acknowledgedAt: number;
}

/** Holds each task that is over to what it was when it was seen over first. */
export class Finals {
  readonly #finals = new Map<string, Task>();

  check(tasks: readonly Task[]): void {
    for (const task of tasks) {
      if (!isFinal(task.state)) continue;
      const known = this.#finals.get(task.task_id);
      if (known === undefined) this.#finals.set(task.task_id, task);
      else assert.deepEqual(task, known, 'a task was over twice');
    }
  }
}

export function checkEnds(tasks: readonly Task[], events: readonly TaskEvent[]): void {
  for (const task of tasks) {
    const begins = events.filter(
      ({ event, taskId }) => event === 'begin' && taskId === task.task_id,
    );
    if (task.task_type === 'fail') {
      assert.ok(begins.length <= 1, `begun ${begins.length} times`);
      if (task.state === 'error') assert.equal(task.error?.code, 'PLP0049');
      else assert.deepEqual([task.state, task.result], ['finished', 1]);
    } else {
      assert.equal(task.state, 'finished');
      assert.ok(begins.length >= 1);
    }
  }
}

interface Interval {
  readonly taskId: string;
  readonly begin: number;
  readonly end: number;
}

/** From each beginning to its end, or to the moment at which its process was killed. */
export function intervalsOf(
  events: readonly TaskEvent[],
  killedAt: ReadonlyMap<number, number>,
): readonly Interval[] {
  return events
    .filter(({ event }) => event === 'begin')
    .map(({ taskId, pid, at }) => {
      const isEnd = (other: TaskEvent): boolean =>
        other.event === 'end' && other.taskId === taskId && other.pid === pid && other.at >= at;
      const end = events.find(isEnd)?.at ?? killedAt.get(pid) ?? Number.POSITIVE_INFINITY;
      return { taskId, begin: at, end: Math.max(at, end) };
    });
}

export function checkResources(
  submitted: readonly Submitted[],
  intervals: readonly Interval[],
): void {
  const tasks = new Map(submitted.map((each) => [each.task.task_id, each]));
  for (const resource of new Set(submitted.flatMap(({ resources }) => resources))) {
    const used = intervals
      .filter(({ taskId }) => tasks.get(taskId)?.resources.includes(resource))
      .toSorted((left, right) => left.begin - right.begin);
    for (const [index, next] of used.entries()) {
      for (const before of used.slice(0, index)) {
        assert.ok(before.end <= next.begin, `two tasks of ${resource} at the same time`);
        const { begunAt = 0 } = tasks.get(before.taskId) ?? {};
        const { acknowledgedAt = 0 } = tasks.get(next.taskId) ?? {};
        const isInOrder = before.taskId === next.taskId || begunAt < acknowledgedAt;
        assert.ok(isInOrder, `a task of ${resource} overtook another`);
      }
    }
  }
}

export async function checkSpawned(tasks: readonly Task[], queue: TaskQueue): Promise<void> {
  const children = (await queue.list()).filter(({ task_type: name }) => name === 'unknown');
  const ids = new Set(children.map(({ task_id: id }) => id));
  const finished = tasks.filter(({ state }) => state === 'finished');
  for (const { spawned_tasks: spawned } of finished) {
    assert.equal(spawned.length, 1);
    assert.ok(ids.has(spawned[0] ?? ''));
  }
  assert.ok(children.length <= tasks.length);
}

export function readEvents(file: string): readonly TaskEvent[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}
