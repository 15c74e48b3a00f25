/** Repositories by the API, with a worker that does their tasks. */

import assert from 'node:assert/strict';
import { loadConfiguration, requireRight } from '../../src/config/load.ts';
import { createRepositoryTaskKinds } from '../../src/repository-tasks/kinds.ts';
import type { RepositoryTaskParts } from '../../src/repository-tasks/parts.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { isFinal, type Task } from '../../src/tasks/task.ts';
import { until } from '../support/processes.ts';
import { patientTiming, startRunner } from '../tasks/fixture.ts';
import type { Client, Reply } from './client.ts';
import type { RunningApi } from './running-api.ts';

export interface RepositoryWorker extends AsyncDisposable {
  readonly storage: Storage;
}

/** A worker for the tasks of an API, on the same storage. */
export async function runRepositoryTasks(api: RunningApi): Promise<RepositoryWorker> {
  const { storage } = api;
  const { store, now, log, tasks } = api.parts;
  const settings = await settingsOf(storage);
  const kinds = createRepositoryTaskKinds({ store, storage, settings, log, now });
  const runner = startRunner(tasks, Object.fromEntries(kinds), { timing: patientTiming, log });
  return {
    storage,
    [Symbol.asyncDispose]: () => runner.stop(),
  };
}

/** As a configuration has them that says nothing of it. */
async function settingsOf({ directory }: Storage): Promise<RepositoryTaskParts['settings']> {
  const text = JSON.stringify({ distributions: [] });
  const loaded = await loadConfiguration({ file: '/x', text, environment: {}, flags: {} });
  const { configuration } = requireRight(loaded);
  const settings = { ...configuration, storage: { ...configuration.storage, directory } };
  return settings;
}

/** The tasks of a call report, when they are over. */
export async function settled(
  api: RunningApi,
  reply: Pick<Reply, 'body'>,
): Promise<readonly Task[]> {
  const ids = reply.body.spawned_tasks.map(({ task_id }: { task_id: string }) => task_id);
  const tasks: Task[] = [];
  for (const id of ids) {
    await until(
      `task ${id} is over`,
      async () => {
        const task = await api.parts.tasks.get(id);
        if (task === undefined || !isFinal(task.state)) return false;
        tasks.push(task);
        return true;
      },
      240_000,
    );
  }
  return tasks;
}

/** A call that is accepted, and whose one task comes to an end; gives the task. */
export async function done(
  api: RunningApi,
  client: Client,
  ...call: Parameters<Client['call']>
): Promise<Task> {
  const reply = await client.call(...call);
  assert.equal(reply.status, 202, reply.text);
  const [task, ...others] = await settled(api, reply);
  assert.ok(task !== undefined && others.length === 0);
  return task;
}

/** As `pulp-admin rpm repo create` sends it, with an export distributor that it always has. */
export function yumRepository(id: string, distributor: object = {}, importer: object = {}) {
  return {
    id,
    display_name: null,
    description: null,
    notes: { '_repo-type': 'rpm-repo' },
    importer_type_id: 'yum_importer',
    importer_config: importer,
    distributors: [
      {
        distributor_id: 'yum_distributor',
        distributor_type_id: 'yum_distributor',
        auto_publish: true,
        distributor_config: { relative_url: id, http: false, https: true, ...distributor },
      },
      {
        distributor_id: 'export_distributor',
        distributor_type_id: 'export_distributor',
        auto_publish: false,
        distributor_config: { http: false, https: true, relative_url: id },
      },
    ],
  };
}
