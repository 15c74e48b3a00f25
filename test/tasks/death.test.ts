import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreSettings } from '../../src/stores/open.ts';
import { parseFilter } from '../../src/stores/parse-filter.ts';
import type { Store } from '../../src/stores/store.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import { persist } from '../../src/tasks/persist.ts';
import type { TaskQueue } from '../../src/tasks/queue.ts';
import { isFinal, type Task } from '../../src/tasks/task.ts';
import type { StoreHost } from '../contracts/store-fixture.ts';
import { until } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';
import { openTasksStore, quickTiming, storeContracts, submit, untilState } from './fixture.ts';
import {
  checkEnds,
  checkResources,
  checkSpawned,
  Finals,
  intervalsOf,
  readEvents,
  type Submitted,
} from './task-history.ts';

const program = path.join(import.meta.dirname, 'task-process.ts');

/** A server whose writer is killed holds others up for 5 seconds, so that leases are longer there. */
const scales = {
  sqlite: { tasks: 200, kills: 16, timing: quickTiming },
  mongodb: {
    tasks: 30,
    kills: 4,
    timing: {
      ...quickTiming,
      leaseMilliseconds: 12_000,
      beatMilliseconds: 1500,
      marginMilliseconds: 2000,
    },
  },
} as const;

/** Of the kinds that are done, and not of the one that they spawn. */
const done = parseFilter({ task_type: { $in: ['retry', 'fail'] } });

for (const contract of storeContracts) {
  describe(`task workers on ${contract.name}`, { skip: contract.skip }, () => {
    const scale = scales[contract.name as keyof typeof scales];
    const children = new Set<ChildProcess>();
    let host: StoreHost;
    let directory: TemporaryDirectory;
    let settings: StoreSettings;
    before(async () => {
      host = await contract.host();
      directory = temporaryDirectory();
    });
    beforeEach(() => {
      settings = host.settings();
      writeFileSync(directory.file('events'), '');
    });
    afterEach(async () => {
      for (const child of children) await killChild(child);
      children.clear();
    });
    after(async () => {
      directory[Symbol.dispose]();
      await host[Symbol.asyncDispose]();
    });

    const startWorker = (name: string): ChildProcess => {
      const args = [JSON.stringify(settings), JSON.stringify(scale.timing), name];
      const child = spawn(process.execPath, [program, ...args, directory.file('events')], {
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      children.add(child);
      return child;
    };

    /** Kills one of three again and again, the one that has `first` to begin with. */
    const killWorkers = async (
      first: () => Promise<Task>,
      whenKilled: () => Promise<void>,
    ): Promise<ReadonlyMap<number, number>> => {
      const workers = [0, 1, 2].map((n) => startWorker(`worker-${n}`));
      const killedAt = new Map<number, number>();
      const { worker_name: holder } = await first();
      for (let kill = 0; kill < scale.kills; kill += 1) {
        await sleep(200 + Math.random() * (kill % 4 === 0 ? 2000 : 500));
        const any = Math.floor(Math.random() * workers.length);
        const victim = kill === 0 ? Number(holder?.replace('worker-', '')) : any;
        const child = workers[victim] as ChildProcess;
        killedAt.set(child.pid ?? 0, Number(process.hrtime.bigint()));
        await killChild(child);
        await whenKilled();
        workers[victim] = startWorker(`worker-${victim}-${kill}`);
      }
      return killedAt;
    };

    it('workers that are killed at any moment leave each task finished or failed once, in order', async () => {
      await using store = await openTasksStore(settings);
      const queue = createTaskQueue(slowToInsert(store));
      const finals = new Finals();
      const findDone = async (): Promise<readonly Task[]> => {
        const found = (await queue.search({ filter: done })) as readonly Task[];
        finals.check(found);
        return found;
      };
      const long = { name: 'fail', arguments: { milliseconds: 600_000 } };
      const { task_id: met } = await submit(queue, long);
      const [submitted, killedAt] = await Promise.all([
        submitAll(queue, scale.tasks),
        killWorkers(
          () => untilState(queue, met, 'running'),
          async () => void (await findDone()),
        ),
      ]);
      const isOver = async (): Promise<boolean> => {
        await sleep(500);
        const found = await findDone();
        return found.length === scale.tasks + 1 && found.every(({ state }) => isFinal(state));
      };
      await until('all tasks are over', isOver, 150_000);
      for (const child of children) await killChild(child);
      const over = await findDone();
      assert.equal((await queue.get(met))?.state, 'error');
      const events = readEvents(directory.file('events'));
      checkEnds(over, events);
      checkResources(submitted, intervalsOf(events, killedAt));
      await checkSpawned(over, queue);
    });

    it('a worker that was frozen records nothing of a task that another has by now', async () => {
      await using store = await openTasksStore(settings);
      const queue = createTaskQueue(store);
      const frozen = startWorker('frozen');
      const submission = { name: 'retry', arguments: { milliseconds: 2500 } };
      const { task_id: id } = await submit(queue, submission);
      await untilState(queue, id, 'running');
      await freeze(frozen, store);
      const other = startWorker('other');
      const isOthers = async () => (await queue.get(id))?.worker_name === 'other';
      await until('the other has it', isOthers, 30_000);
      frozen.kill('SIGCONT');
      const task = await untilState(queue, id, 'finished');
      assert.deepEqual([task.result, task.worker_name], [2, 'other']);
      const hasEnded = () =>
        readEvents(directory.file('events')).some(
          ({ event, pid }) => event === 'end' && pid === frozen.pid,
        );
      await until('the one that was frozen has ended its work', hasEnded);
      await killChild(other);
      // What it would have recorded comes before the next that it takes.
      const { task_id: next } = await submit(queue, {
        name: 'fail',
        arguments: { milliseconds: 1 },
      });
      assert.equal((await untilState(queue, next, 'finished')).worker_name, 'frozen');
      assert.deepEqual(await queue.get(id), task);
    });
  });
}

/** A process that is stopped between a change and the release of its lock would stop all that write. */
async function freeze(worker: ChildProcess, store: Store): Promise<void> {
  let isWriting = true;
  while (isWriting) {
    worker.kill('SIGSTOP');
    const writing = store.remove('tasks', 'no such task').then(() => 'written');
    isWriting = (await Promise.race([writing, sleep(500)])) !== 'written';
    if (isWriting) worker.kill('SIGCONT');
    await writing;
  }
}

/** What takes its number first may come last: as from hosts of different speed. */
function slowToInsert(store: Store): Store {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'insert') {
        return async (...args: Parameters<Store['insert']>) => {
          await sleep(Math.random() * 60);
          return target.insert(...args);
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Five submitters side by side, each submitting one after the other, and each until it is acknowledged. */
async function submitAll(queue: TaskQueue, count: number): Promise<readonly Submitted[]> {
  const submitted: Submitted[] = [];
  const forever = new AbortController().signal;
  const submitSome = async (): Promise<void> => {
    for (let n = 0; n < count / 5; n += 1) {
      const milliseconds = Math.random() ** 4 * 600;
      const resources = Array.from(
        { length: Math.floor(Math.random() * 3) },
        () => `resource:${Math.floor(Math.random() * 15)}`,
      );
      const name = Math.random() < 0.6 ? 'retry' : 'fail';
      const submission = { name, resources, arguments: { milliseconds }, taskId: randomUUID() };
      const begunAt = performance.now();
      const task = await persist(() => submit(queue, submission), forever);
      submitted.push({ task, resources, begunAt, acknowledgedAt: performance.now() });
    }
  };
  await Promise.all(Array.from({ length: 5 }, submitSome));
  return submitted;
}

async function killChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}
