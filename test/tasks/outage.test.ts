import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { storeLimits } from '../../src/stores/limits.ts';
import type { StoreSettings } from '../../src/stores/open.ts';
import type { Store } from '../../src/stores/store.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import type { RunningTask } from '../../src/tasks/kind.ts';
import type { TaskQueue } from '../../src/tasks/queue.ts';
import type { TaskTiming } from '../../src/tasks/timing.ts';
import { mongodbHost } from '../stores/mongodb/host.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { needsOwnMongodb } from '../support/mongodb.ts';
import { until } from '../support/processes.ts';
import {
  openTasksStore,
  patientTiming,
  quickTiming,
  startRunner,
  submit,
  untilAborted,
  untilState,
} from './fixture.ts';

interface Outage {
  begin(): Promise<void>;
  end(): Promise<void>;
}

interface Outages extends AsyncDisposable {
  settings(): StoreSettings;
  of(settings: StoreSettings): Outage;
}

const limits = { ...storeLimits, contentionMillisecondsMax: 200 };

/** A lease that ends during an outage, and not because the server has much to do. */
const slowTiming: TaskTiming = {
  ...quickTiming,
  leaseMilliseconds: 8000,
  beatMilliseconds: 500,
  marginMilliseconds: 2000,
};

for (const [name, skip, host, timing] of [
  ['sqlite', false, lockedSqlite, quickTiming],
  ['mongodb', needsOwnMongodb(), killedMongodb, slowTiming],
] as const) {
  describe(`tasks while ${name} is away`, { skip }, () => {
    let outages: Outages;
    let outage: Outage;
    let store: Store;
    let queue: TaskQueue;
    before(async () => {
      outages = await host();
    });
    beforeEach(async () => {
      const settings = outages.settings();
      store = await openTasksStore(settings, { limits });
      await store.ping();
      outage = outages.of(settings);
      queue = createTaskQueue(store);
    });
    afterEach(async () => {
      await outage.end();
      await store.close();
    });
    after(() => outages[Symbol.asyncDispose]());

    it('T96 a task that ends while the store is away is finished when it is back, done once', async () => {
      const gate = Promise.withResolvers<void>();
      let begun = 0;
      let ended = 0;
      const run = async ({ attempt, progress }: RunningTask): Promise<number> => {
        begun += 1;
        await gate.promise;
        progress({ step: 'last' });
        ended += 1;
        return attempt;
      };
      const kinds = { run: { whenLost: 'retry', run } } as const;
      await using _ = startRunner(queue, kinds, { timing: patientTiming });
      const { task_id: id } = await submit(queue, { name: 'run' });
      await until('it has begun', () => begun === 1, 20_000);
      await outage.begin();
      gate.resolve();
      await until('the task has ended', () => ended === 1);
      await assert.rejects(queue.cancel(id), { code: 'STORE_UNAVAILABLE' });
      await outage.end();
      const task = await untilState(queue, id, 'finished');
      assert.deepEqual([task.result, task.progress_report, begun], [1, { step: 'last' }, 1]);
    });

    it('T96 tasks are told to end before their lease is over, and done again or failed when it is back', async () => {
      let begun = 0;
      let aborted = 0;
      let isBack = false;
      const run = async (task: RunningTask): Promise<number> => {
        begun += 1;
        if (isBack) return task.attempt;
        await untilAborted(task).finally(() => {
          aborted += 1;
        });
        return 0;
      };
      const kinds = { again: { whenLost: 'retry', run }, once: { whenLost: 'fail', run } } as const;
      await using _ = startRunner(queue, kinds, { timing });
      const { task_id: again } = await submit(queue, { name: 'again' });
      const { task_id: once } = await submit(queue, { name: 'once' });
      // Not when the store says so: its word for that may be lost on the way.
      await until('both have begun', () => begun === 2, 20_000);
      await outage.begin();
      await until('both were told to end', () => aborted === 2, 20_000);
      isBack = true;
      await outage.end();
      await untilState(queue, again, 'finished');
      assert.equal((await untilState(queue, once, 'error')).error?.code, 'PLP0049');
    });

    it('T96 a submission that failed is repeated with its id and made once, and a runner that waited does it', async () => {
      await outage.begin();
      let done = 0;
      await using _ = startRunner(queue, {
        run: async () => {
          done += 1;
        },
      });
      const submission = { name: 'run', taskId: randomUUID() };
      await assert.rejects(submit(queue, submission), { code: 'STORE_UNAVAILABLE' });
      await outage.end();
      const isMade = () =>
        submit(queue, submission).then(
          () => true,
          () => false,
        );
      await until('it is submitted', isMade, 20_000);
      await untilState(queue, submission.taskId, 'finished');
      await submit(queue, submission);
      assert.deepEqual([done, (await queue.list()).length], [1, 1]);
    });
  });
}

/** Another process that never lets go of the lock: nothing can be changed. */
async function lockedSqlite(): Promise<Outages> {
  const host = await sqliteHost();
  return {
    settings: () => host.settings(),
    of: (settings) => {
      let lock: DatabaseSync | undefined;
      return {
        begin: async () => {
          lock = new DatabaseSync('file' in settings ? settings.file : '');
          lock.exec('BEGIN IMMEDIATE');
        },
        end: async () => {
          lock?.close();
          lock = undefined;
        },
      };
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}

/** A server that is killed, and started again. */
async function killedMongodb(): Promise<Outages> {
  const { server, settings, [Symbol.asyncDispose]: dispose } = await mongodbHost();
  return {
    settings,
    of: () => {
      let isAway = false;
      return {
        begin: async () => {
          isAway = true;
          await server.kill();
        },
        end: async () => {
          if (isAway) await server.start();
          isAway = false;
        },
      };
    },
    [Symbol.asyncDispose]: dispose,
  };
}
