/**
 * A worker for the tasks of repositories in a process of its own, for the tests of sudden death.
 *
 *     node repository-process.ts STORE-SETTINGS STORAGE WORKER
 */

import { createRepositoryTaskKinds } from '../../src/repository-tasks/kinds.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import { createTaskRunner } from '../../src/tasks/create-runner.ts';
import { quickTiming, silent } from '../tasks/fixture.ts';
import { openTaskStore, taskSettings } from './repository-tasks.ts';

if (import.meta.main) {
  const [settings = '', directory = '', worker = ''] = process.argv.slice(2);
  const store = await openTaskStore(JSON.parse(settings));
  const storage = await openStorage({ directory, uploadBytesMax: 1024 ** 3 });
  const now = () => new Date();
  const parts = { store, storage, settings: await taskSettings(directory), log: silent, now };
  const kinds = [...createRepositoryTaskKinds(parts)].map(([name, kind]) => {
    // As often as the test kills.
    return [name, { ...kind, attemptsMax: 50 }] as const;
  });
  createTaskRunner(createTaskQueue(store), new Map(kinds), {
    ...{ worker, concurrency: 3, log: silent, timing: quickTiming },
  });
}
