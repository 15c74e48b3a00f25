import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { repositoryCollections } from '../../src/repositories/documents.ts';
import { Schedules } from '../../src/repositories/schedules.ts';
import type { RepositoryTaskParts } from '../../src/repository-tasks/parts.ts';
import { reportingToSchedule } from '../../src/repository-tasks/scheduled.ts';
import { openStore } from '../../src/stores/open.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import { TaskFailure, type TaskKind } from '../../src/tasks/kind.ts';
import { isFinal, taskCollections } from '../../src/tasks/task.ts';
import { createScheduleWatch } from '../../src/work/schedule-watch.ts';
import { until } from '../support/processes.ts';
import { silent, startRunner, storeContracts } from '../tasks/fixture.ts';

const subject = { repository: 'acme', enabled: true, failure_threshold: 2 };

for (const contract of storeContracts) {
  describe(`schedules at work on ${contract.name}`, { skip: contract.skip }, () => {
    it('have each run done once, however many look, and are disabled when it fails too often', async () => {
      await using host = await contract.host();
      const settings = host.settings();
      const collections = [...repositoryCollections, ...taskCollections];
      await using store = await openStore({ settings, access: 'write', collections });
      let seconds = Date.UTC(2026, 0, 1) / 1000;
      const now = () => new Date(seconds * 1000);
      const queue = createTaskQueue(store, { now });
      const schedules = new Schedules(store, now);
      const made = await Promise.all([
        schedules.create({
          ...{ ...subject, resource: 'pulp:importer:acme:yum_importer', task: 'repository.sync' },
          ...{ schedule: '2026-01-01T00:00:10Z/PT1H', kwargs: { max_speed: 5 } },
        }),
        schedules.create({
          ...{ ...subject, resource: 'pulp:distributor:acme:d', task: 'repository.publish' },
          ...{ schedule: 'R1/2026-01-01T00:00:10Z/PT1H', kwargs: {} },
        }),
      ]);
      const done: unknown[] = [];
      const sync: TaskKind = {
        whenLost: 'retry',
        run: async ({ arguments: given }) => {
          done.push(given);
          throw new TaskFailure('PLP0000', 'It fails');
        },
      };
      const publish: TaskKind = {
        whenLost: 'retry',
        run: async ({ arguments: given }) => {
          done.push(given);
          return null;
        },
      };
      const parts = { store, now } as RepositoryTaskParts;
      const watches = Array.from({ length: 3 }, () =>
        createScheduleWatch({ queue, log: silent, now, everyMilliseconds: 20 }),
      );
      await using _ = startRunner(queue, {
        'repository.sync': reportingToSchedule(sync, parts),
        'repository.publish': reportingToSchedule(publish, parts),
      });
      for (const watch of watches) watch.start();
      const untilDone = (count: number) =>
        until(`${count} runs are over`, async () => {
          const tasks = await queue.list();
          return tasks.length >= count && tasks.every(({ state }) => isFinal(state));
        });
      seconds += 10;
      await untilDone(2);
      seconds += 3600;
      await untilDone(3);
      const [failing, once] = await Promise.all(
        made.map(async (result) => {
          assert.ok(result.outcome === 'kept');
          const { _id, resource } = result.schedule;
          return schedules.byId(_id, resource);
        }),
      );
      // By now it has failed as often as it may: nothing of it comes any more.
      seconds += 7200;
      for (const watch of watches) await watch.stop();
      assert.equal((await queue.list()).length, 3);
      assert.deepEqual([failing?.enabled, failing?.consecutive_failures], [false, 2]);
      assert.deepEqual([once?.enabled, once?.remaining_runs], [false, 0]);
      const synced = { repository: 'acme', override_config: { max_speed: 5 } };
      const published = { repository: 'acme', distributor: 'd', override_config: {} };
      const texts = done.map((given) => JSON.stringify(given)).sort();
      assert.deepEqual(texts, [synced, synced, published].map((one) => JSON.stringify(one)).sort());
      const [task] = await queue.list(['pulp:repository:acme', 'pulp:action:publish']);
      assert.equal(task?.state, 'finished');
    });
  });
}
