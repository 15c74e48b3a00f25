/** An operator of one repository, whose disk gets full at a step of the storage. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { verifyStorage } from '../../src/cli/verify/verify-storage.ts';
import { Units } from '../../src/repositories/units.ts';
import { createRepositoryTaskKinds } from '../../src/repository-tasks/kinds.ts';
import type { RepositoryTaskParts } from '../../src/repository-tasks/parts.ts';
import { sweep } from '../../src/repository-tasks/sweep.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import type { Submission } from '../../src/tasks/queue.ts';
import { isFinal, type Task } from '../../src/tasks/task.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { until } from '../support/processes.ts';
import { type Disk, onSmallDisk } from '../support/small-disk.ts';
import { patientTiming, silent, startRunner, submit } from '../tasks/fixture.ts';
import { addUpload, openTaskStore, taskSettings } from './repository-tasks.ts';
import { createServedRepository, type RepositoryKind } from './served-repository.ts';

export interface Operator {
  readonly parts: RepositoryTaskParts;
  readonly units: Units;
  readonly disk: Disk;
  /** Has the disk full from a step of the storage on: one that begins, or one that ended. */
  fillAt(step: string, when: 'before' | 'after'): void;
  run(submission: Submission): Promise<Task>;
  upload(bytes: string | Buffer): Promise<string>;
}

/** At the end nothing is wrong, and nothing is left behind. */
export async function operate(
  context: TestContext,
  kind: RepositoryKind,
  test: (operator: Operator) => Promise<void>,
): Promise<void> {
  await onSmallDisk(context, async (real, disk) => {
    await using host = await sqliteHost();
    const store = await openTaskStore(host.settings());
    const full = { step: '', when: '' };
    const storage = filledAt(real, disk, full);
    const settings = await taskSettings(disk.directory);
    const sync = { ...settings.sync, addresses: ['127.0.0.0/8'] };
    const now = () => new Date();
    const parts = { store, storage, settings: { ...settings, sync }, log: silent, now };
    const units = new Units(store, now);
    const queue = createTaskQueue(store);
    await createServedRepository(parts, kind);
    {
      const kinds = Object.fromEntries(createRepositoryTaskKinds(parts));
      await using _runner = startRunner(queue, kinds, { timing: patientTiming });
      await test({
        ...{ parts, units, disk },
        fillAt: (step, when) => Object.assign(full, { step, when }),
        upload: (bytes) => addUpload(store, real, bytes),
        run: async (submission) => {
          const { task_id: id } = await submit(queue, submission);
          let task: Task | undefined;
          await until(`${submission.name} is over`, async () => {
            task = await queue.get(id);
            return task !== undefined && isFinal(task.state);
          });
          return task as Task;
        },
      });
    }
    await sweep(parts, new AbortController().signal);
    const verified = await verifyStorage({
      ...{ store, storage, isRepairing: false, now },
      ...{ signal: new AbortController().signal, progress: () => {} },
    });
    assert.deepEqual(verified.findings, []);
    await store.close();
  });
}

/** Fills the disk at the named step of the storage, once. */
function filledAt(storage: Storage, disk: Disk, full: { step: string; when: string }): Storage {
  const watched = <T extends object>(target: T, within: string): T =>
    new Proxy(target, {
      get: (from, name) => {
        const value: unknown = Reflect.get(from, name, from);
        const step = `${within}${String(name)}`;
        if (typeof value === 'object' && value !== null) return watched(value, `${step}.`);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => {
          if (full.step !== step) return value.apply(from, given) as unknown;
          full.step = '';
          if (full.when === 'before') {
            disk.fill();
            return value.apply(from, given) as unknown;
          }
          return Promise.resolve(value.apply(from, given)).finally(() => disk.fill());
        };
      },
    });
  return watched(storage, '');
}
