import assert from 'node:assert/strict';
import { it } from 'node:test';
import { everything } from '../../src/stores/filter.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import type { RunningTask } from '../../src/tasks/kind.ts';
import { taskLimits } from '../../src/tasks/limits.ts';
import { removeOrphanedArguments } from '../../src/tasks/tidy.ts';
import { until } from '../support/processes.ts';
import { describeOnStores, patientTiming, startRunner, submit, untilState } from './fixture.ts';

/** A lease ends here only when a test ends it. */
const options = { timing: patientTiming };

describeOnStores('lost tasks', (givenQueue, givenStore) => {
  /** What the others do to a worker that they take for dead. */
  const endLeases = async (): Promise<void> => {
    for (const { _id } of await givenStore().find('task_sessions', { filter: everything })) {
      await givenStore().remove('task_sessions', _id);
    }
  };

  it('confirm refuses to a worker that was taken for dead, and nothing of its work counts', async () => {
    const gate = Promise.withResolvers<void>();
    const said: unknown[] = [];
    const run = async ({ attempt, confirm }: RunningTask): Promise<number> => {
      if (attempt === 1) {
        await confirm();
        said.push('confirmed');
        await gate.promise;
      }
      await confirm().catch(() => said.push('refused'));
      return attempt;
    };
    await using _ = startRunner(givenQueue(), { run: { whenLost: 'retry', run } }, options);
    const { task_id: id } = await submit(givenQueue(), { name: 'run' });
    await until('it is confirmed', () => said.length === 1, 20_000);
    await endLeases();
    gate.resolve();
    assert.equal((await untilState(givenQueue(), id, 'finished')).result, 2);
    assert.deepEqual(said, ['confirmed', 'refused']);
  });

  it('a task that has no attempt left when its worker is lost fails, in the store of all', async () => {
    const told: number[] = [];
    const run = async ({ attempt, signal }: RunningTask): Promise<undefined> => {
      told.push(attempt);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      signal.throwIfAborted();
    };
    const kind = { whenLost: 'retry', attemptsMax: 2, run } as const;
    await using _ = startRunner(givenQueue(), { run: kind }, options);
    const { task_id: id } = await submit(givenQueue(), { name: 'run', resources: ['r'] });
    for (const attempt of [1, 2]) {
      await until(`attempt ${attempt} has begun`, () => told.includes(attempt), 20_000);
      await endLeases();
    }
    const { error } = await untilState(givenQueue(), id, 'error');
    assert.equal(error?.code, 'PLP0049');
    assert.deepEqual(error?.data, { worker_name: 'tasks@1', attempts: 2 });
    assert.deepEqual(told, [1, 2]);
  });

  it('spawn fails when the queue is full', async () => {
    const limits = { ...taskLimits, openTasksMax: 1 };
    const small = createTaskQueue(givenStore(), { limits });
    await using _ = startRunner(small, {
      parent: async (task) => void (await task.spawn({ name: 'child' })),
    });
    const { task_id: id } = await submit(small, { name: 'parent' });
    assert.equal((await untilState(small, id, 'error')).error?.code, 'PLP0024');
  });

  it('arguments without a task are removed when none can come any more, and not before', async () => {
    const now = new Date(Math.floor(Date.now() / 1000) * 1000);
    const idAt = (seconds: number, rest: string): string =>
      Math.floor(now.getTime() / 1000 - seconds).toString(16) + rest.padStart(16, '0');
    const hour = 3600;
    const [kept, orphan] = [idAt(hour, '1'), idAt(hour + 1, '2')];
    for (const _id of [kept, orphan]) await givenStore().insert('task_arguments', { _id });
    const large = { fill: 'x'.repeat(5000) };
    const { _id: waiting } = await submit(givenQueue(), { name: 'a', arguments: large });
    assert.equal(await removeOrphanedArguments(givenStore(), now), 1);
    const left = await givenStore().find('task_arguments', { filter: everything });
    assert.deepEqual(left.map(({ _id }) => _id).sort(), [kept, waiting].sort());
    const later = new Date(Date.now() + 2 * hour * 1000);
    assert.equal(await removeOrphanedArguments(givenStore(), later), 1);
    assert.equal((await givenStore().get('task_arguments', waiting))?._id, waiting);
  });
});
