/** What the tests of tasks have in common: the stores that they run on, and a queue that is empty. */

import { after, afterEach, before, beforeEach, describe } from 'node:test';
import { createLogger } from '../../src/log.ts';
import { type OpenStoreOptions, openStore, type StoreSettings } from '../../src/stores/open.ts';
import type { Store } from '../../src/stores/store.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import { createTaskRunner } from '../../src/tasks/create-runner.ts';
import type { RunningTask, TaskKind } from '../../src/tasks/kind.ts';
import type { TaskQueue } from '../../src/tasks/queue.ts';
import type { TaskRunner } from '../../src/tasks/runner.ts';
import { isFinal, type Task, taskCollections } from '../../src/tasks/task.ts';
import type { TaskTiming } from '../../src/tasks/timing.ts';
import type { StoreContract, StoreHost } from '../contracts/store-fixture.ts';
import { mongodbHost } from '../stores/mongodb/host.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { needsMongodb } from '../support/mongodb.ts';
import { until } from '../support/processes.ts';

export const storeContracts: readonly StoreContract[] = [
  { name: 'sqlite', skip: false, host: sqliteHost },
  { name: 'mongodb', skip: needsMongodb(), host: mongodbHost },
];

/** As the real ones, and faster. */
export const quickTiming: TaskTiming = {
  leaseMilliseconds: 3000,
  beatMilliseconds: 400,
  marginMilliseconds: 600,
  cancelMilliseconds: 500,
  drainMilliseconds: 500,
  progressMilliseconds: 100,
  tidyMilliseconds: 300,
};

/** A lease that no busy machine and no server that starts anew has end. */
export const patientTiming: TaskTiming = {
  ...quickTiming,
  leaseMilliseconds: 60_000,
  marginMilliseconds: 10_000,
};

export const silent = createLogger({ level: 'error', write: () => {} });

export function openTasksStore(
  settings: StoreSettings,
  options: Partial<Omit<OpenStoreOptions, 'settings'>> = {},
): Promise<Store> {
  return openStore({ settings, access: 'write', collections: taskCollections, ...options });
}

export function startRunner(
  queue: TaskQueue,
  kinds: Readonly<Record<string, TaskKind | TaskKind['run']>>,
  options: Partial<Parameters<typeof createTaskRunner>[2]> = {},
): TaskRunner & AsyncDisposable {
  const entries = Object.entries(kinds).map(([name, kind]): [string, TaskKind] => [
    name,
    typeof kind === 'function' ? { whenLost: 'fail', run: kind } : kind,
  ]);
  const worker = `tasks@${entries.length}`;
  const defaults = { worker, concurrency: 4, log: silent, timing: quickTiming };
  const runner = createTaskRunner(queue, new Map(entries), { ...defaults, ...options });
  return { stop: () => runner.stop(), [Symbol.asyncDispose]: () => runner.stop() };
}

export async function submit(
  queue: TaskQueue,
  submission: Parameters<TaskQueue['submit']>[0],
): Promise<Task> {
  const result = await queue.submit(submission);
  if (result.outcome === 'full') throw new Error('the queue is full');
  return result.task;
}

export async function untilState(
  queue: TaskQueue,
  taskId: string,
  state: Task['state'],
): Promise<Task> {
  let task: Task | undefined;
  await until(
    `task ${taskId} is ${state}`,
    async () => {
      task = await queue.get(taskId);
      if (task !== undefined && isFinal(task.state) && task.state !== state) {
        throw new Error(`the task is ${JSON.stringify(task)}`);
      }
      return task?.state === state;
    },
    20_000,
  );
  return task as Task;
}

/** Runs until it is told to end. */
export async function untilAborted({ signal }: Pick<RunningTask, 'signal'>): Promise<undefined> {
  const { promise, reject } = Promise.withResolvers<undefined>();
  signal.addEventListener('abort', () => reject(signal.reason));
  if (signal.aborted) reject(signal.reason);
  return promise;
}

export type GivenQueue = () => TaskQueue;
export type GivenStore = () => Store;

/** Has `test` add its tests, each with an empty queue, on every store. */
export function describeOnStores(
  title: string,
  test: (givenQueue: GivenQueue, givenStore: GivenStore) => void,
): void {
  for (const contract of storeContracts) {
    describe(`${title} on ${contract.name}`, { skip: contract.skip }, () => {
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
      test(
        () => queue,
        () => store,
      );
    });
  }
}
