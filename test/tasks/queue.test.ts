import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import { everything } from '../../src/stores/filter.ts';
import { parseFilter } from '../../src/stores/parse-filter.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import { taskLimits } from '../../src/tasks/limits.ts';
import { taskFields } from '../../src/tasks/task.ts';
import { describeOnStores, type GivenQueue, type GivenStore, submit } from './fixture.ts';

const absent = '00000000-0000-4000-8000-000000000000';

describeOnStores('the queue of tasks', testQueue);

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
