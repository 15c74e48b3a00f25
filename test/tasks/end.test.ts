import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  describeOnStores,
  type GivenQueue,
  type GivenStore,
  startRunner,
  submit,
  untilAborted,
  untilState,
} from './fixture.ts';

const absent = '00000000-0000-4000-8000-000000000000';
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

describeOnStores('cancelling tasks', testCancel);
describeOnStores('stopping a runner', testStop);

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
