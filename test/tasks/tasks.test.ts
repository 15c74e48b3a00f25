import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PortcullisError } from '../../src/errors.ts';
import type { Value } from '../../src/stores/document.ts';
import { everything } from '../../src/stores/filter.ts';
import { parseFilter } from '../../src/stores/parse-filter.ts';
import type { Store } from '../../src/stores/store.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import { type RunningTask, TaskFailure } from '../../src/tasks/kind.ts';
import { taskLimits } from '../../src/tasks/limits.ts';
import type { TaskQueue } from '../../src/tasks/queue.ts';
import { taskFields } from '../../src/tasks/task.ts';
import type { StoreContract, StoreHost } from '../contracts/store-fixture.ts';
import { until } from '../support/processes.ts';
import {
  openTasksStore,
  startRunner,
  storeContracts,
  submit,
  untilAborted,
  untilState,
} from './fixture.ts';

const absent = '00000000-0000-4000-8000-000000000000';
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

for (const contract of storeContracts) testTasks(contract);

function testTasks(contract: StoreContract): void {
  describe(`tasks on ${contract.name}`, { skip: contract.skip }, () => {
    let host: StoreHost;
    let store: Store;
    let queue: TaskQueue;
    before(async () => {
      host = await contract.host();
    });
    beforeEach(async () => {
      store = await openTasksStore(host.settings());
      queue = createTaskQueue(store);
    });
    afterEach(() => store.close());
    after(() => host[Symbol.asyncDispose]());

    testQueue(
      () => queue,
      () => store,
    );
    testRunner(
      () => queue,
      () => store,
    );
    testCancel(
      () => queue,
      () => store,
    );
    testStop(() => queue);
  });
}

type GivenQueue = () => TaskQueue;
type GivenStore = () => Store;

function testQueue(given: GivenQueue, givenStore: GivenStore): void {
  it('submit keeps a task as it is shown, and shows no arguments', async () => {
    const task = await submit(given(), {
      name: 'repo.publish',
      arguments: { password: 'secret', list: [1, { a: null }] },
      tags: ['pulp:repository:a', 'pulp:action:publish'],
      resources: ['repository:a'],
    });
    const { _id, task_id: id, ...rest } = task;
    assert.match(_id, /^[0-9a-f]{24}$/);
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, {
      task_type: 'repo.publish',
      state: 'waiting',
      tags: ['pulp:repository:a', 'pulp:action:publish'],
      group_id: null,
      worker_name: null,
      progress_report: {},
      result: null,
      error: null,
      spawned_tasks: [],
      start_time: null,
      finish_time: null,
    });
    assert.deepEqual(await given().get(id), task);
    assert.deepEqual(await given().list(), [task]);
    assert.deepEqual(await given().search({ filter: everything }), [task]);
    assert.deepEqual(Object.keys(task).sort(), [...taskFields].sort());
    assert.equal(await given().get(absent), undefined);
  });

  it('submit with an id of its own adds one task, however often it is repeated', async () => {
    const taskId = randomUUID();
    const submission = { name: 'a', taskId, arguments: { fill: 'x'.repeat(5000) } };
    const first = await submit(given(), submission);
    assert.deepEqual(await submit(given(), submission), first);
    const all = await Promise.all([1, 2, 3].map(() => submit(given(), { name: 'b', taskId })));
    assert.deepEqual(new Set(all.map(({ _id }) => _id)), new Set([first._id]));
    assert.equal(await given().count(everything), 1);
    assert.equal(await givenStore().count('task_arguments', everything), 1);
  });

  it('submit at once from many sides gives each its own place', async () => {
    const tasks = await Promise.all(
      Array.from({ length: 12 }, () => submit(given(), { name: 'a' })),
    );
    assert.equal(new Set(tasks.map(({ _id }) => _id)).size, 12);
    assert.deepEqual(
      (await given().list()).map(({ _id }) => _id),
      tasks.map(({ _id }) => _id).sort(),
    );
  });

  const { argumentsBytesMax, nameBytesMax, tagsMax, resourcesMax } = taskLimits;
  const filled = (bytes: number) => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) });
  const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);
  for (const [what, most, less] of [
    [
      'arguments',
      { arguments: filled(argumentsBytesMax) },
      { arguments: filled(argumentsBytesMax + 1) },
    ],
    ['a name', { name: 'n'.repeat(nameBytesMax) }, { name: 'n'.repeat(nameBytesMax + 1) }],
    ['tags', { tags: names(tagsMax) }, { tags: names(tagsMax + 1) }],
    ['a tag', { tags: ['n'.repeat(nameBytesMax)] }, { tags: ['n'.repeat(nameBytesMax + 1)] }],
    ['resources', { resources: names(resourcesMax) }, { resources: names(resourcesMax + 1) }],
    ['an id', { taskId: absent }, { taskId: `${absent.slice(1)}g` }],
    ['arguments for a store', { arguments: { a: 1 } }, { arguments: { $a: 1 } }],
  ] as const) {
    it(`submit takes ${what} up to the limit and not past it`, async () => {
      await submit(given(), { name: 'a', ...most });
      const refused = given().submit({ name: 'a', ...less });
      await assert.rejects(refused, { code: 'DOCUMENT_INVALID' });
      assert.equal(await given().count(everything), 1);
    });
  }

  it('submit takes as many tasks as may wait and not one more', async () => {
    const small = createTaskQueue(givenStore(), { limits: { ...taskLimits, openTasksMax: 2 } });
    const { task_id: first } = await submit(small, { name: 'a' });
    await submit(small, { name: 'a' });
    assert.deepEqual(await small.submit({ name: 'a' }), { outcome: 'full' });
    await small.cancel(first);
    await submit(small, { name: 'a' });
  });

  it('list gives those that have all tags, and none of a group', async () => {
    const both = await submit(given(), { name: 'a', tags: ['x', 'y'] });
    await submit(given(), { name: 'a', tags: ['x'] });
    await submit(given(), { name: 'a', tags: ['x', 'y'], groupId: randomUUID() });
    const ids = async (tags: readonly string[]) => (await given().list(tags)).map(({ _id }) => _id);
    assert.deepEqual(await ids(['y', 'x']), [both._id]);
    assert.equal((await ids([])).length, 2);
    assert.deepEqual(await ids(['z']), []);
  });

  it('search takes the filters that pulp-admin sends', async () => {
    const task = await submit(given(), {
      name: 'a',
      tags: ['pulp:repository:r', 'pulp:action:sync'],
    });
    const find = (raw: unknown) => given().search({ filter: parseFilter(raw) });
    const tags = { $all: ['pulp:repository:r', 'pulp:action:sync'] };
    const state = { $nin: ['finished', 'error', 'canceled', 'skipped'] };
    assert.deepEqual(await find({ state, tags }), [task]);
    assert.deepEqual(await find({ state: { $in: ['waiting', 'running'] }, group_id: null }), [
      task,
    ]);
    assert.deepEqual(await find({ state: { $in: ['running'] } }), []);
    const [found] = await given().search({
      filter: everything,
      fields: ['tags', 'task_id'],
      sort: [['start_time', 1]],
    });
    assert.deepEqual(found, { _id: task._id, task_id: task.task_id, tags: task.tags });
  });

  it('T92 search tells nothing of what is not shown', async () => {
    await submit(given(), { name: 'a', arguments: { password: 'secret' } });
    const filters = [
      { 'job.arguments.password': { $regex: '^s' } },
      { $or: [{ state: 'x' }, { $nor: [{ job: { $exists: false } }] }] },
      { _version: 1 },
    ];
    for (const raw of filters) {
      const search = async () => given().search({ filter: parseFilter(raw) });
      await assert.rejects(search, { code: 'FILTER_INVALID' });
      await assert.rejects(async () => given().count(parseFilter(raw)), { code: 'FILTER_INVALID' });
    }
    for (const query of [{ sort: [['job.order', 1]] as const }, { fields: ['job.arguments'] }]) {
      const search = given().search({ filter: everything, ...query });
      await assert.rejects(search, { code: 'FILTER_INVALID' });
    }
  });

  it('purge removes what is over in a state, and nothing else', async () => {
    const { task_id: id } = await submit(given(), { name: 'a' });
    const waiting = await submit(given(), { name: 'a' });
    await given().cancel(id);
    assert.equal(await given().purge(['finished', 'error', 'skipped']), 0);
    assert.equal(await given().purge(['canceled']), 1);
    assert.deepEqual(await given().list(), [waiting]);
  });
}

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
    assert.deepEqual(await given().workers(), ['tasks@1']);
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

function testCancel(given: GivenQueue, givenStore: GivenStore): void {
  it('cancel ends a waiting task at once and for good', async () => {
    const { task_id: id } = await submit(given(), { name: 'run' });
    assert.equal(await given().cancel(id), 'canceled');
    const task = await given().get(id);
    assert.equal(task?.state, 'canceled');
    assert.match(task?.finish_time ?? '', isoTime);
    assert.equal(await given().cancel(id), 'final');
    assert.equal(await given().cancel(absent), 'missing');
    let hasRun = false;
    await using _ = startRunner(given(), {
      run: async () => {
        hasRun = true;
      },
      other: async () => null,
    });
    const { task_id: other } = await submit(given(), { name: 'other' });
    await untilState(given(), other, 'finished');
    assert.equal(hasRun, false);
  });

  it('cancel ends a running task whose function heeds its signal', async () => {
    await using _ = startRunner(given(), { run: { whenLost: 'retry', run: untilAborted } });
    const { task_id: id } = await submit(given(), { name: 'run' });
    await untilState(given(), id, 'running');
    assert.equal(await given().cancel(id), 'requested');
    assert.ok(['requested', 'final'].includes(await given().cancel(id)));
    const task = await untilState(given(), id, 'canceled');
    assert.deepEqual([task.result, task.error], [null, null]);
    assert.equal(await given().cancel(id), 'final');
  });

  it('cancel shows a task that does not end as canceled in its time, and frees its resources later', async () => {
    const { promise: end, resolve } = Promise.withResolvers<void>();
    await using _ = startRunner(given(), {
      deaf: async () => {
        await end;
      },
      next: async () => 'next',
    });
    const resources = ['r'];
    const { task_id: id, _id } = await submit(given(), { name: 'deaf', resources });
    const { task_id: next } = await submit(given(), { name: 'next', resources });
    await untilState(given(), id, 'running');
    const begun = performance.now();
    await given().cancel(id);
    await untilState(given(), id, 'canceled');
    const took = performance.now() - begun;
    assert.ok(took > 450, `${took}`);
    assert.equal(await given().purge(['canceled']), 0);
    await sleep(500);
    assert.equal((await given().get(next))?.state, 'waiting');
    resolve();
    await untilState(given(), next, 'finished');
    assert.equal((await given().get(id))?.state, 'canceled');
    const kept = await givenStore().get('tasks', _id);
    assert.deepEqual(Object.keys(kept?.job as object).sort(), ['attempts', 'claim']);
  });

  it('cancel leaves what a task came to that finished all the same', async () => {
    const { promise: end, resolve } = Promise.withResolvers<void>();
    await using _ = startRunner(given(), {
      late: async ({ signal }) => {
        signal.addEventListener('abort', () => resolve());
        await end;
        return 'done';
      },
    });
    const { task_id: id } = await submit(given(), { name: 'late' });
    await untilState(given(), id, 'running');
    await given().cancel(id);
    assert.equal((await untilState(given(), id, 'finished')).result, 'done');
  });
}

function testStop(given: GivenQueue): void {
  it('stop lets a task end that does so in its time, and takes none anew', async () => {
    const runner = startRunner(given(), {
      short: async () => {
        await sleep(200);
        return 'short';
      },
    });
    const { task_id: id } = await submit(given(), { name: 'short' });
    await untilState(given(), id, 'running');
    const stopped = runner.stop();
    const { task_id: later } = await submit(given(), { name: 'short' });
    await stopped;
    assert.equal((await given().get(id))?.result, 'short');
    assert.equal((await given().get(later))?.state, 'waiting');
    assert.deepEqual(await given().workers(), []);
  });

  it('stop gives a task back or ends it, as its kind declares', async () => {
    const runner = startRunner(given(), {
      again: { whenLost: 'retry', run: untilAborted },
      once: untilAborted,
    });
    const again = await submit(given(), { name: 'again' });
    const once = await submit(given(), { name: 'once' });
    for (const { task_id: id } of [again, once]) await untilState(given(), id, 'running');
    await runner.stop();
    assert.equal((await given().get(once.task_id))?.error?.code, 'PLP0049');
    const waiting = await given().get(again.task_id);
    assert.deepEqual([waiting?.state, waiting?.start_time], ['waiting', null]);
    await using _ = startRunner(given(), { again: async ({ attempt }) => attempt });
    assert.equal((await untilState(given(), again.task_id, 'finished')).result, 1);
  });

  it('stop keeps what does not end from others until the lease is over', async () => {
    const { promise: end, resolve } = Promise.withResolvers<void>();
    const runner = startRunner(given(), {
      deaf: { whenLost: 'retry', run: () => end.then(() => undefined) },
    });
    const { task_id: id } = await submit(given(), { name: 'deaf' });
    await untilState(given(), id, 'running');
    const begun = performance.now();
    await runner.stop();
    assert.ok(performance.now() - begun < 3000);
    await using _ = startRunner(given(), { deaf: async ({ attempt }) => attempt });
    await sleep(1000);
    assert.equal((await given().get(id))?.state, 'running');
    assert.equal((await untilState(given(), id, 'finished')).result, 2);
    resolve();
  });
}
