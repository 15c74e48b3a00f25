/** A repository that is synced by real tasks, over a real store and storage. */

import type { SyncConfiguration } from '../../src/config/configuration.ts';
import { createLogger } from '../../src/log.ts';
import {
  type Importer,
  type JsonObject,
  type Repository,
  repositoryCollections,
  type Unit,
} from '../../src/repositories/documents.ts';
import { History } from '../../src/repositories/history.ts';
import { Repositories } from '../../src/repositories/repositories.ts';
import { Units } from '../../src/repositories/units.ts';
import type { RepositoryTaskParts } from '../../src/repository-tasks/parts.ts';
import { createSyncKind } from '../../src/repository-tasks/sync.ts';
import { syncName, syncSubmission } from '../../src/repository-tasks/sync-submission.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { openStore } from '../../src/stores/open.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import type { TaskQueue } from '../../src/tasks/queue.ts';
import { isFinal, type Task, taskCollections } from '../../src/tasks/task.ts';
import { until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { patientTiming, startRunner, submit } from '../tasks/fixture.ts';
import { syncLimits } from './feed-fixture.ts';

export interface SyncingOptions {
  /** `iso_importer` unless given. */
  readonly importer?: string;
  readonly config: JsonObject;
  readonly limits?: Partial<SyncConfiguration>;
  /** The id of a distributor to publish with after each sync. */
  readonly publishes?: string;
}

export interface Syncing extends AsyncDisposable {
  readonly parts: RepositoryTaskParts;
  readonly queue: TaskQueue;
  readonly repositories: Repositories;
  readonly units: Units;
  readonly history: History;
  /** The lines of the log. */
  readonly lines: readonly string[];
  repository(): Promise<Repository>;
  configure(config: JsonObject): Promise<void>;
  unitsOf(type: string): Promise<readonly Unit[]>;
  /** Submits a sync. @returns its id */
  begin(override?: JsonObject): Promise<string>;
  ended(id: string): Promise<Task>;
  /** What the sync came to. */
  sync(override?: JsonObject): Promise<Task>;
}

export const repositoryId = 'acme';

export async function openSyncing(options: SyncingOptions): Promise<Syncing> {
  const directory = temporaryDirectory();
  const lines: string[] = [];
  const parts = await openParts(directory.path, options, lines);
  const repositories = new Repositories(parts.store, parts.now);
  const units = new Units(parts.store, parts.now);
  await createRepository(repositories, options);
  const queue = createTaskQueue(parts.store);
  const runner = startRunner(
    queue,
    { [syncName]: createSyncKind(parts), 'repository.publish': async () => null },
    { timing: patientTiming, log: parts.log },
  );
  const begin = async (override?: JsonObject): Promise<string> => {
    const given = { repository: repositoryId, ...(override && { override_config: override }) };
    return (await submit(queue, syncSubmission(given))).task_id;
  };
  const ended = async (id: string): Promise<Task> => {
    let task: Task | undefined;
    await until('the sync is over', async () => {
      task = await queue.get(id);
      return task !== undefined && isFinal(task.state);
    });
    return task as Task;
  };
  return {
    ...{ parts, queue, repositories, units, lines, begin, ended },
    history: new History(parts.store),
    repository: async () => (await repositories.byId(repositoryId)) as Repository,
    configure: async (config) => {
      const change = (importer: Importer): Importer => ({ ...importer, config });
      await repositories.updateImporter(repositoryId, options.importer ?? 'iso_importer', change);
    },
    unitsOf: (type) => Array.fromAsync(units.ofRepository(repositoryId, type)),
    sync: async (override) => ended(await begin(override)),
    [Symbol.asyncDispose]: async () => {
      await runner.stop();
      await parts.store.close();
      directory[Symbol.dispose]();
    },
  };
}

async function openParts(
  directory: string,
  { limits }: SyncingOptions,
  lines: string[],
): Promise<RepositoryTaskParts> {
  const storage = { directory: `${directory}/storage`, uploadBytesMax: 1024 ** 3 };
  return {
    store: await openStore({
      settings: { type: 'sqlite', file: `${directory}/store.db` },
      access: 'write',
      collections: [...repositoryCollections, ...taskCollections],
    }),
    storage: await openStorage(storage),
    settings: {
      storage: {
        ...storage,
        uploadExpireSeconds: 3600,
        publicationGraceSeconds: 3600,
        publicationsKept: 2,
      },
      repositories: {
        access: undefined,
        gpgKeyFile: undefined,
        gpgPassphraseFile: undefined,
        directoryRoots: [],
      },
      sync: { ...syncLimits, ...limits },
    },
    log: createLogger({ level: 'debug', write: (line) => lines.push(line) }),
    now: () => new Date(),
  };
}

async function createRepository(
  repositories: Repositories,
  { importer = 'iso_importer', config, publishes }: SyncingOptions,
): Promise<void> {
  const distributor = { distributor_type_id: 'iso_distributor', config: {}, auto_publish: true };
  await repositories.create({
    ...{ id: repositoryId, display_name: null, description: null, notes: {} },
    importer: { importer_type_id: importer, config },
    distributors: publishes === undefined ? [] : [{ id: publishes, ...distributor }],
  });
}
