/** The work of the role `tasks`: a runner that does the tasks of the store's queue, and what goes on beside it. */

import { hostname } from 'node:os';
import { publicAddresses } from '../outbound/addresses.ts';
import { EventSender } from '../repository-tasks/events/sender.ts';
import { createRepositoryTaskKinds } from '../repository-tasks/kinds.ts';
import { Sweeper } from '../repository-tasks/sweeper.ts';
import { addressRanges } from '../sync/address-ranges.ts';
import { createTaskQueue } from '../tasks/create-queue.ts';
import { createTaskRunner } from '../tasks/create-runner.ts';
import type { TaskRunner } from '../tasks/runner.ts';
import { createLateStorage } from './late-storage.ts';
import { createScheduleWatch } from './schedule-watch.ts';
import type { RoleWork, WorkParts } from './work.ts';

export async function openTasksWork(parts: WorkParts): Promise<RoleWork> {
  const { configuration, pool, controlPlane, taskKinds, log, now } = parts;
  const store = await controlPlane.store();
  const queue = createTaskQueue(store, { now });
  const storage = createLateStorage(configuration.storage);
  const repositoryParts = { store, storage, settings: configuration, log, now };
  const kinds = new Map([...createRepositoryTaskKinds(repositoryParts), ...taskKinds]);
  // A successor begins before its predecessor has ended: the number of its process tells them apart.
  const worker = `${pool.name}-${process.pid}@${hostname()}`;
  const { concurrency, eventAddresses } = configuration.tasks;
  const isAddressAllowed = publicAddresses(addressRanges(eventAddresses));
  const events = new EventSender({ store, log, now, isAddressAllowed });
  const schedules = createScheduleWatch({ queue, log, now });
  const sweeper = new Sweeper(repositoryParts);
  let runner: TaskRunner | undefined;
  return {
    background: {
      start: () => {
        runner = createTaskRunner(queue, kinds, { worker, concurrency, log, now });
        events.start();
        schedules.start();
        sweeper.start();
      },
      stop: async () => {
        // What its tasks tell at their end waits for another worker.
        const beside = [events.stop(), schedules.stop(), sweeper.stop()];
        await Promise.all([...beside, runner?.stop()]);
      },
    },
    certificates: [],
    problems: [],
  };
}
