import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PortcullisError } from '../../src/errors.ts';
import type { Value } from '../../src/stores/document.ts';
import { everything } from '../../src/stores/filter.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import { type RunningTask, TaskFailure } from '../../src/tasks/kind.ts';
import { taskLimits } from '../../src/tasks/limits.ts';
import { until } from '../support/processes.ts';
import {
  describeOnStores,
  type GivenQueue,
  type GivenStore,
  startRunner,
  submit,
  untilState,
} from './fixture.ts';

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

describeOnStores('the runner of tasks', testRunner);

function testRunner(given: GivenQueue, givenStore: GivenStore): void {
  it('a runner does a task and shows what it came to', async () => {
    const seen: unknown[] = [];
    await using _ = startRunner(given(), {
      add: async ({ arguments: { a, b }, name, attempt, tags, taskId }) => {
        seen.push({ name, attempt, tags, taskId });
        return { sum: Number(a) + Number(b) };
      },
    });
    const { task_id: id } = await submit(given(), {
      name: 'add',
      arguments: { a: 1, b: 2 },
      tags: ['t'],
    });
    const task = await untilState(given(), id, 'finished');
    assert.deepEqual(task.result, { sum: 3 });
    assert.deepEqual([task.error, task.worker_name], [null, 'tasks@1']);
    assert.match(task.start_time ?? '', isoTime);
    assert.match(task.finish_time ?? '', isoTime);
    assert.deepEqual(seen, [{ name: 'add', attempt: 1, tags: ['t'], taskId: id }]);
    const workers = await given().workers();
    assert.deepEqual(
      workers.map(({ name }) => name),
      ['tasks@1'],
    );
    const kept = await givenStore().get('tasks', task._id);
    assert.deepEqual(Object.keys(kept?.job as object).sort(), ['attempts', 'claim']);
  });

  it('a runner gives large arguments, and keeps none of a task that is over', async () => {
    await using _ = startRunner(given(), {
      size: async ({ arguments: { fill } }) => String(fill).length,
    });
    const fill = 'x'.repeat(500_000);
    const { task_id: id } = await submit(given(), { name: 'size', arguments: { fill } });
    assert.equal((await untilState(given(), id, 'finished')).result, 500_000);
    const isEmpty = async () => (await givenStore().count('task_arguments', everything)) === 0;
    await until('the arguments are gone', isEmpty);
  });

  it('T92 a runner shows a failure that is meant to be shown, and of others none', async () => {
    await using _ = startRunner(given(), {
      shown: async () => {
        throw new TaskFailure('PLP0009', 'Missing resource(s): distributor=x', {
          resources: { distributor: 'x' },
        });
      },
      hidden: async () => {
        throw new Error('/etc/secret/file');
      },
      known: async () => {
        throw new PortcullisError('FILE_UNREADABLE', 'Cannot read /etc/secret/file: no');
      },
    });
    const errorOf = async (name: string) => {
      const { task_id: id } = await submit(given(), { name });
      return (await untilState(given(), id, 'error')).error;
    };
    assert.deepEqual(await errorOf('shown'), {
      code: 'PLP0009',
      description: 'Missing resource(s): distributor=x',
      data: { resources: { distributor: 'x' } },
      sub_errors: [],
    });
    for (const name of ['hidden', 'known']) {
      const error = await errorOf(name);
      assert.equal(error?.code, 'PLP0000');
      assert.ok(!JSON.stringify(error).includes('secret'));
    }
  });

  const results: readonly (readonly [string, Value | undefined, boolean])[] = [
    ['nothing', undefined, true],
    ['as much as may be', 'x'.repeat(taskLimits.resultBytesMax - 2), true],
    ['more than may be', 'x'.repeat(taskLimits.resultBytesMax - 1), false],
    ['what no store keeps', { 'a.b': 1 }, false],
  ];
  it('a runner finishes a task whatever it comes to', async () => {
    const last = results.map(([, result]) => result);
    await using _ = startRunner(given(), {
      give: async ({ arguments: { index } }) => last[Number(index)],
    });
    for (const [index, [what, result, isKept]] of results.entries()) {
      const { task_id: id } = await submit(given(), { name: 'give', arguments: { index } });
      const { result: kept } = await untilState(given(), id, 'finished');
      const omitted = `it cannot be kept in ${taskLimits.resultBytesMax} bytes`;
      assert.deepEqual(kept, isKept ? (result ?? null) : { omitted }, what);
    }
  });

  it('progress is shown while the task runs, the last report at the end, and none too large', async () => {
    const { promise: end, resolve } = Promise.withResolvers<void>();
    let writes = 0;
    await using _ = startRunner(given(), {
      count: async (task) => {
        for (let done = 0; done <= 300; done += 1) {
          task.progress({ importer: { done } });
          if (done % 10 === 0) await sleep(5);
        }
        await end;
        task.progress({ importer: { done: 'all' } });
        task.progress({ importer: 'x'.repeat(taskLimits.progressBytesMax) });
        task.progress({ 'a.b': 1 });
      },
    });
    const { task_id: id, _id } = await submit(given(), { name: 'count' });
    await until('progress is shown', async () => {
      const report = (await given().get(id))?.progress_report;
      return (report?.importer as { done: number } | undefined)?.done === 300;
    });
    writes = Number((await givenStore().get('tasks', _id))?._version);
    assert.ok(writes < 30, `${writes} changes`);
    resolve();
    const task = await untilState(given(), id, 'finished');
    assert.deepEqual(task.progress_report, { importer: { done: 'all' } });
  });

  it('spawn submits a task once, also when the same is spawned again', async () => {
    await using _ = startRunner(given(), {
      parent: async (task) => {
        await task.spawn({ name: 'child', arguments: { n: 1 }, resources: ['r'] });
        await task.spawn({ name: 'child', arguments: { n: 2 } });
        await task.spawn({ name: 'child', arguments: { n: 1 }, resources: ['r'] });
        return 'parent';
      },
      child: async ({ arguments: { n = 0 } }) => n,
    });
    const { task_id: id } = await submit(given(), { name: 'parent', resources: ['r'] });
    const { spawned_tasks: children } = await untilState(given(), id, 'finished');
    assert.equal(children.length, 2);
    const done = await Promise.all(children.map((child) => untilState(given(), child, 'finished')));
    assert.deepEqual(
      done.map(({ result }) => result),
      [1, 2],
    );
    for (const child of children)
      assert.match(child, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('a runner leaves tasks of kinds that it does not know to others', async () => {
    await using _ = startRunner(given(), { known: async () => null });
    const unknown = await submit(given(), { name: 'unknown' });
    const { task_id: id } = await submit(given(), { name: 'known' });
    await untilState(given(), id, 'finished');
    assert.equal((await given().get(unknown.task_id))?.state, 'waiting');
  });

  it('a runner does as many at a time as it may', async () => {
    let running = 0;
    let most = 0;
    const run = async (): Promise<undefined> => {
      running += 1;
      most = Math.max(most, running);
      await until('three run', () => most >= 3);
      await sleep(30);
      running -= 1;
      return undefined;
    };
    await using _ = startRunner(given(), { run }, { concurrency: 3 });
    const tasks = await Promise.all(
      Array.from({ length: 9 }, () => submit(given(), { name: 'run' })),
    );
    for (const { task_id: id } of tasks) await untilState(given(), id, 'finished');
    assert.equal(most, 3);
  });

  it('tasks of one resource are done one at a time in the order of submission', async () => {
    const begun: number[] = [];
    const busy = new Set<string>();
    const run = async ({ arguments: given }: RunningTask): Promise<undefined> => {
      const { n, resources } = given as {
        readonly n: number;
        readonly resources: readonly string[];
      };
      begun.push(n);
      for (const resource of resources) {
        assert.ok(!busy.has(resource));
        busy.add(resource);
      }
      await sleep(Math.random() * 20);
      for (const resource of resources) busy.delete(resource);
      return undefined;
    };
    const sets = [['a'], ['a', 'b'], ['b'], ['c'], ['a', 'c'], ['b'], ['c'], ['a']];
    const tasks = [];
    for (const [n, resources] of sets.entries()) {
      tasks.push(await submit(given(), { name: 'run', arguments: { n, resources }, resources }));
    }
    await using _ = startRunner(given(), { run });
    await using __ = startRunner(given(), { run }, { worker: 'other' });
    for (const { task_id: id } of tasks) await untilState(given(), id, 'finished');
    for (const resource of ['a', 'b', 'c']) {
      const order = begun.filter((n) => sets[n]?.includes(resource));
      assert.deepEqual(
        order,
        order.toSorted((left, right) => left - right),
        resource,
      );
    }
  });

  it('a runner keeps no more tasks that are over than may be kept', async () => {
    const limits = { ...taskLimits, finalTasksMax: 2 };
    const queue = createTaskQueue(givenStore(), { limits });
    const waiting = await submit(queue, { name: 'unknown' });
    const tasks = [];
    for (let n = 0; n < 5; n += 1) tasks.push(await submit(queue, { name: 'run' }));
    await using _ = startRunner(queue, { run: async () => null }, { concurrency: 1 });
    await until('the oldest are gone', async () => (await queue.count(everything)) === 3);
    await sleep(500);
    const left = (await queue.list()).map(({ _id }) => _id);
    assert.equal(left.length, 3);
    assert.equal(left[0], waiting._id);
    assert.deepEqual(
      left.slice(1),
      tasks.slice(3).map(({ _id }) => _id),
    );
  });
}
