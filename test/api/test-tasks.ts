/** The tasks of section 4.4 of the facts about Pulp 2. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TaskKind } from '../../src/tasks/kind.ts';
import { startRunner, submit as submitTo, untilState } from '../tasks/fixture.ts';
import type { GivenApi } from './contract.ts';

const path = '/v2/tasks/';
const errorKeys = ['code', 'data', 'description', 'sub_errors'];

interface TaskBody {
  readonly task_id: string;
  readonly id: string;
  readonly state: string;
  readonly tags: readonly string[];
}

export function testTasks(given: () => GivenApi): void {
  const submit = async (tags: readonly string[] = []): Promise<string> => {
    const result = await given().api.parts.tasks.submit({ name: 'tests.nothing', tags });
    assert.equal(result.outcome, 'submitted');
    return result.outcome === 'submitted' ? result.task.task_id : '';
  };
  const ids = (tasks: unknown) => (tasks as TaskBody[]).map(({ task_id }) => task_id);

  it('api shows a task with all that clients read', async () => {
    const { client } = given();
    const id = await submit(['pulp:action:sync']);
    // biome-ignore lint/suspicious/noExplicitAny: what JSON gives.
    const task = (await client.ok(200, 'GET', `${path}${id}/`)) as any;
    assert.deepEqual(task, {
      _href: `/pulp/api/v2/tasks/${id}/`,
      _id: { $oid: task.id },
      id: task.id,
      _ns: 'task_status',
      task_id: id,
      task_type: 'tests.nothing',
      state: 'waiting',
      worker_name: null,
      queue: null,
      tags: ['pulp:action:sync'],
      group_id: null,
      error: null,
      exception: null,
      traceback: null,
      spawned_tasks: [],
      progress_report: {},
      result: null,
      start_time: null,
      finish_time: null,
    });
    const listed = (await client.ok(200, 'GET', path)) as readonly object[];
    assert.ok(listed.length > 0 && listed.every((one) => !('queue' in one)));
  });

  it('api lists the tasks that have all of the tags', async () => {
    const { client } = given();
    const [both, one] = [await submit(['l-a', 'l-b']), await submit(['l-a'])];
    assert.deepEqual(ids(await client.ok(200, 'GET', `${path}?tag=l-a`)), [both, one]);
    assert.deepEqual(ids(await client.ok(200, 'GET', `${path}?tag=l-a&tag=l-b`)), [both]);
    assert.deepEqual(await client.ok(200, 'GET', `${path}?tag=none`), []);
  });

  it('api lists the tasks that are in one of the states, and refuses a state that none can be in', async () => {
    const { client } = given();
    const [waiting, canceled] = [await submit(['s-a']), await submit(['s-a'])];
    await client.ok(200, 'DELETE', `${path}${canceled}/`);
    const list = `${path}?tag=s-a`;
    const inStates = async (query: string) => ids(await client.ok(200, 'GET', list + query));
    assert.deepEqual(await inStates('&state=canceled'), [canceled]);
    assert.deepEqual(await inStates('&state=canceled&state=waiting'), [waiting, canceled]);
    assert.deepEqual(await inStates('&state=running'), []);
    for (const state of ['nosuch', '', 'Waiting']) {
      const target = `${list}&state=waiting&state=${state}`;
      const refused = await client.refused(400, 'PLP0015', 'GET', target);
      assert.deepEqual(refused.property_names, ['state']);
      assert.match(refused.error_message, /\['state'\]: it is none of waiting, accepted, /);
    }
  });

  it('api ignores what a query has besides, as Pulp', async () => {
    const { client } = given();
    const all = await client.ok(200, 'GET', '/v2/users/');
    assert.deepEqual(await client.ok(200, 'GET', '/v2/users/?foo=bar'), all);
  });

  it('api leaves the tasks of a group out of the list, and finds them by a search', async () => {
    const { client, api } = given();
    const { tasks } = api.parts;
    const submission = { name: 'tests.nothing', tags: ['grouped'], groupId: 'group' };
    const { task_id: id } = await submitTo(tasks, submission);
    assert.deepEqual(await client.ok(200, 'GET', `${path}?tag=grouped`), []);
    const body = { criteria: { filters: { group_id: 'group' } } };
    assert.deepEqual(ids(await client.ok(200, 'POST', `${path}search/`, { body })), [id]);
  });

  it('api cancels a task, and leaves one that is over as it is', async () => {
    const { client } = given();
    const id = await submit();
    for (let twice = 0; twice < 2; twice += 1) {
      assert.equal(await client.ok(200, 'DELETE', `${path}${id}/`), null);
      const task = (await client.ok(200, 'GET', `${path}${id}/`)) as TaskBody;
      assert.equal(task.state, 'canceled');
    }
    for (const method of ['GET', 'DELETE'] as const) {
      const body = await client.refused(404, 'PLP0009', method, `${path}none/`);
      assert.deepEqual(body.resources, { resource_id: 'none' });
    }
  });

  it('api searches tasks as pulp-admin asks, with what it sorts and polls by', async () => {
    const { client } = given();
    const id = await submit(['pulp:repository:s']);
    const filters = {
      $and: [
        { state: { $in: ['waiting', 'running'] } },
        { group_id: null },
        { tags: { $all: ['pulp:repository:s'] } },
      ],
    };
    const criteria = { filters, fields: ['tags', 'state'], sort: [['start_time', 'ascending']] };
    const found = await client.ok(200, 'POST', `${path}search/`, { body: { criteria } });
    const [task] = found as TaskBody[];
    assert.deepEqual(Object.keys(task ?? {}).sort(), [
      ...['_href', '_id', 'id', 'state', 'tags', 'task_id'],
    ]);
    assert.equal(task?.task_id, id);
    const query = new URLSearchParams({ filters: JSON.stringify({ task_id: id }) });
    assert.deepEqual(ids(await client.ok(200, 'GET', `${path}search/?${query}`)), [id]);
    const hidden = { body: { criteria: { filters: { job: null } } } };
    await client.refused(400, 'PLP0015', 'POST', `${path}search/`, hidden);
    await client.refused(400, 'PLP0015', 'GET', `${path}search/?limit=0`);
  });

  it('api shows what became of tasks, and purges those that finished and failed', async () => {
    const { client, api } = given();
    const { tasks } = api.parts;
    const works: readonly (readonly [state: 'finished' | 'error', run: TaskKind['run']])[] = [
      ['finished', async () => ({ count: 1 })],
      ['error', () => Promise.reject(new Error('a defect'))],
    ];
    for (const [state, run] of works) {
      await using _ = startRunner(tasks, { [`tests.${state}`]: run }, { worker: 'w@host' });
      const submitted = await submitTo(tasks, { name: `tests.${state}` });
      await untilState(tasks, submitted.task_id, state);
      const target = `${path}${submitted.task_id}/`;
      // biome-ignore lint/suspicious/noExplicitAny: what JSON gives.
      const task = (await client.ok(200, 'GET', target)) as any;
      assert.deepEqual([task.state, task.worker_name, task.queue], [state, 'w@host', 'w@host.dq']);
      const isoSeconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
      for (const time of [task.start_time, task.finish_time]) assert.match(time, isoSeconds);
      if (state === 'finished') assert.deepEqual([task.result, task.error], [{ count: 1 }, null]);
      else assert.deepEqual(Object.keys(task.error).sort(), errorKeys);
      assert.equal(await client.ok(200, 'DELETE', target), null);
      assert.equal(((await client.ok(200, 'GET', target)) as TaskBody).state, state);
      assert.equal((await client.call('DELETE', `${path}?state=${state}`)).status, 204);
      await client.refused(404, 'PLP0009', 'GET', target);
    }
  });

  it('api purges the tasks that are over in the states that are named', async () => {
    const { client } = given();
    const canceled = await submit();
    await client.ok(200, 'DELETE', `${path}${canceled}/`);
    const waiting = await submit();
    await client.refused(403, 'PLP1012', 'DELETE', path);
    await client.refused(400, 'PLP1011', 'DELETE', `${path}?state=waiting`);
    await client.refused(400, 'PLP1011', 'DELETE', `${path}?state=finished&state=canceled`);
    const purge = `${path}?state=finished&state=error&state=skipped`;
    const { status, text } = await client.call('DELETE', purge);
    assert.deepEqual([status, text], [204, '']);
    for (const id of [canceled, waiting]) await client.ok(200, 'GET', `${path}${id}/`);
  });
}
