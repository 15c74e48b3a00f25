/** Workers that die at any point of an import, a copy and a removal. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyStorage } from '../../src/cli/verify/verify-storage.ts';
import { Repositories } from '../../src/repositories/repositories.ts';
import { Units } from '../../src/repositories/units.ts';
import { associateSubmission } from '../../src/repository-tasks/associate.ts';
import { importUploadSubmission } from '../../src/repository-tasks/import-upload.ts';
import { removeOrphansSubmission } from '../../src/repository-tasks/remove-orphans.ts';
import { sweep } from '../../src/repository-tasks/sweep.ts';
import { unassociateSubmission } from '../../src/repository-tasks/unassociate.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import { isFinal } from '../../src/tasks/task.ts';
import { openedStorage, sha256Of } from '../storage/opened.ts';
import { until } from '../support/processes.ts';
import { silent, storeContracts, submit } from '../tasks/fixture.ts';
import { addFileRepository, addUpload, openTaskStore, taskSettings } from './repository-tasks.ts';

const program = path.join(import.meta.dirname, 'repository-process.ts');

const now = () => new Date();

/** A server whose writer is killed holds others up for 5 seconds. */
const scales = {
  sqlite: { uploads: 16, kills: 2 },
  mongodb: { uploads: 4, kills: 1 },
} as const;

for (const contract of storeContracts) {
  describe(`deaths of workers on ${contract.name}`, { skip: contract.skip }, () => {
    it('imports, copies and removals come to the same however often their worker dies', async () => {
      const { uploads, kills } = scales[contract.name as keyof typeof scales];
      const files = uploads - uploads / 4;
      await using host = await contract.host();
      using opened = await openedStorage();
      const { storage, directory } = opened;
      const settings = host.settings();
      await using store = await openTaskStore(settings);
      const queue = createTaskQueue(store);
      for (const id of ['first', 'second']) await addFileRepository(store, id);
      const ids: string[] = [];
      for (let index = 0; index < uploads; index += 1) {
        const upload = await addUpload(store, storage, `bytes of file ${index % files}`);
        const unit = { type: 'iso', unitKey: { name: `file-${index % files}` }, unitMetadata: {} };
        const given = importUploadSubmission({ repository: 'first', upload, unit });
        ids.push((await submit(queue, given)).task_id);
      }
      const copy = associateSubmission({ repository: 'second', source: 'first', criteria: {} });
      ids.push((await submit(queue, copy)).task_id);
      const some = { filters: { unit: { name: { $regex: '[02468]$' } } } };
      for (const repository of ['first', 'second']) {
        const removal = unassociateSubmission({ repository, criteria: some });
        ids.push((await submit(queue, removal)).task_id);
      }
      const over = async () => {
        const tasks = await Promise.all(ids.map((id) => queue.get(id)));
        return tasks.filter((task) => task !== undefined && isFinal(task.state));
      };
      const work = async (isOver: () => Promise<boolean>): Promise<void> => {
        for (let kill = 0; ; kill += 1) {
          const isLast = kill >= kills;
          const given = JSON.stringify(settings);
          await using _worker = start(given, directory, `worker-${kill}-${ids.length}`);
          if (isLast) return await until('all tasks are over', isOver, 120_000);
          await sleep(500 + Math.random() * 1000);
        }
      };
      await work(async () => (await over()).length === ids.length);
      for (const task of await over()) assert.equal(task?.state, 'finished', JSON.stringify(task));
      ids.push((await submit(queue, removeOrphansSubmission({ kind: 'all' }))).task_id);
      await work(async () => (await over()).length === ids.length);
      // Who died between a unit and its bytes has left the bytes.
      const settled = { store, storage, settings: await taskSettings(directory), log: silent, now };
      await sweep(settled, new AbortController().signal);
      const repositories = new Repositories(store, now);
      const units = new Units(store, now);
      const left = Math.floor(files / 2);
      assert.equal(await units.count(), left);
      for (const id of ['first', 'second']) {
        assert.deepEqual((await repositories.byId(id))?.content_unit_counts, { iso: left });
      }
      for (let index = 0; index < files; index += 1) {
        const size = await storage.artifacts.sizeOf(sha256Of(`bytes of file ${index}`));
        assert.equal(size !== undefined, index % 2 === 1, `file ${index}`);
      }
      const verified = await verifyStorage({
        ...{ store, storage, isRepairing: false, now },
        ...{ signal: new AbortController().signal, progress: () => {} },
      });
      assert.deepEqual(verified.findings, []);
    });
  });
}

/** It is killed in the end. */
function start(settings: string, directory: string, worker: string): AsyncDisposable {
  const child = spawn(process.execPath, [program, settings, directory, worker], {
    stdio: 'inherit',
  });
  const exited = once(child, 'exit');
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
