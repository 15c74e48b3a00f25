/** A repository that is published by real tasks, over a real store and storage. */

import type { Configuration } from '../../src/config/configuration.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { createLogger } from '../../src/log.ts';
import { Distributions } from '../../src/repositories/distributions.ts';
import {
  type DistributionDocument,
  type JsonObject,
  repositoryCollections,
  type Unit,
} from '../../src/repositories/documents.ts';
import { History } from '../../src/repositories/history.ts';
import { Publications } from '../../src/repositories/publications.ts';
import { Repositories } from '../../src/repositories/repositories.ts';
import { Units } from '../../src/repositories/units.ts';
import type { RepositoryTaskParts } from '../../src/repository-tasks/parts.ts';
import { createPublishKind, publishSubmission } from '../../src/repository-tasks/publish.ts';
import { createRollbackKind, rollbackSubmission } from '../../src/repository-tasks/rollback.ts';
import { unitType } from '../../src/repository-types/all-types.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { openStore } from '../../src/stores/open.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import type { TaskKind } from '../../src/tasks/kind.ts';
import type { Submission } from '../../src/tasks/queue.ts';
import { isFinal, type Task, taskCollections } from '../../src/tasks/task.ts';
import { givenUnit } from '../support/given-file.ts';
import { until } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { patientTiming, startRunner, submit } from '../tasks/fixture.ts';

export interface Publishing extends AsyncDisposable {
  readonly parts: RepositoryTaskParts;
  readonly repositories: Repositories;
  readonly publications: Publications;
  readonly distributions: Distributions;
  /** The lines of the log. */
  readonly lines: readonly string[];
  /** Seconds to add to the clock. */
  advance(seconds: number): void;
  distribution(): Promise<DistributionDocument>;
  add(type: string, bytes: string | Uint8Array | undefined, fields?: JsonObject): Promise<Unit>;
  drop(unit: Unit): Promise<void>;
  publish(override?: JsonObject): Promise<Task>;
  rollback(publication?: string): Promise<Task>;
  /** Of publishes, the latest first. */
  history(): ReturnType<History['ofPublish']>;
}

export interface PublishingOptions {
  /** `iso_distributor` unless given: its publications need no program. */
  readonly distributor?: string;
  readonly config?: JsonObject;
  readonly settings?: {
    readonly storage?: Partial<Configuration['storage']>;
    readonly repositories?: Partial<Configuration['repositories']>;
  };
  readonly directory?: string;
}

const distributorId = 'served';

export async function openPublishing(options: PublishingOptions = {}): Promise<Publishing> {
  const directory = temporaryDirectory();
  const parts = await openParts(options.directory ?? directory.path, options);
  const repositories = new Repositories(parts.store, parts.now);
  const distributions = new Distributions(parts.store, parts.now);
  const publications = new Publications(parts.store, parts.now);
  const units = new Units(parts.store, parts.now);
  await createRepository(repositories, distributions, options);
  const queue = createTaskQueue(parts.store);
  const kinds: Readonly<Record<string, TaskKind>> = {
    'repository.publish': createPublishKind(parts),
    'repository.rollback': createRollbackKind(parts),
  };
  const runner = startRunner(queue, kinds, { timing: patientTiming });
  const run = async (submission: Submission): Promise<Task> => {
    const { task_id: id } = await submit(queue, submission);
    let task: Task | undefined;
    await until(`the task ${submission.name} is over`, async () => {
      task = await queue.get(id);
      return task !== undefined && isFinal(task.state);
    });
    return task as Task;
  };
  const changed = async (): Promise<void> => {
    await repositories.update('acme', (repository) => ({
      ...repository,
      content_revision: repository.content_revision + 1,
    }));
  };
  return {
    ...{ parts, repositories, publications, distributions, lines: parts.lines },
    advance: (seconds) => parts.advance(seconds),
    distribution: async () => {
      const [found] = await distributions.ofRepository('acme', distributorId);
      if (found === undefined) throw new Error('it is served nowhere');
      return found;
    },
    add: async (type, bytes, fields = {}) => {
      const known = unitType(type);
      const given = givenUnit(directory, bytes, { unitKey: fields });
      const read = await known?.read(given);
      if (known === undefined || read === undefined || 'refused' in read) {
        throw new Error(`the unit is refused: ${JSON.stringify(read)}`);
      }
      const { filename = '' } = read;
      const artifact = given.file && { sha256: given.file.sha256, size: given.file.size, filename };
      const { unit } = await units.insertPending({
        ...{ type, fields: read.fields, unitKey: known.unitKey, artifact: artifact ?? null },
      });
      if (given.file !== undefined) await parts.storage.artifacts.keep(given.file);
      await units.settle(unit._id, 'acme');
      await changed();
      return unit;
    },
    drop: async (unit) => {
      await units.dissociate([unit._id], 'acme');
      await changed();
    },
    publish: (override) =>
      run(
        publishSubmission({
          ...{ repository: 'acme', distributor: distributorId },
          ...(override !== undefined && { override_config: override }),
        }),
      ),
    rollback: (publication) =>
      run(
        rollbackSubmission({
          ...{ repository: 'acme', distributor: distributorId, publication: publication ?? null },
        }),
      ),
    history: () => new History(parts.store).ofPublish('acme', distributorId, {}),
    [Symbol.asyncDispose]: async () => {
      await runner.stop();
      await parts.store.close();
      directory[Symbol.dispose]();
    },
  };
}

async function openParts(
  directory: string,
  { settings = {} }: PublishingOptions,
): Promise<
  RepositoryTaskParts & { readonly lines: string[]; readonly advance: (seconds: number) => void }
> {
  const lines: string[] = [];
  let added = 0;
  return {
    store: await openStore({
      settings: { type: 'sqlite', file: `${directory}/store.db` },
      access: 'write',
      collections: [...repositoryCollections, ...taskCollections],
    }),
    storage: await openStorage({ directory: `${directory}/storage`, uploadBytesMax: 1024 ** 3 }),
    settings: await settingsOf(directory, settings),
    log: createLogger({ level: 'debug', write: (line) => lines.push(line) }),
    now: () => new Date(Date.now() + added * 1000),
    lines,
    advance: (seconds) => {
      added += seconds;
    },
  };
}

/** The defaults, where a test says nothing else. */
async function settingsOf(
  directory: string,
  { storage, repositories }: NonNullable<PublishingOptions['settings']>,
): Promise<RepositoryTaskParts['settings']> {
  const loaded = await loadConfiguration({ environment: {}, flags: {} });
  if (!('configuration' in loaded)) throw new Error('the defaults are wrong');
  const { configuration } = loaded;
  const kept = { directory: `${directory}/storage`, publicationGraceSeconds: 3600 };
  return {
    ...configuration,
    storage: { ...configuration.storage, ...kept, publicationsKept: 2, ...storage },
    repositories: { ...configuration.repositories, ...repositories },
  };
}

async function createRepository(
  repositories: Repositories,
  distributions: Distributions,
  { distributor = 'iso_distributor', config = {} }: PublishingOptions,
): Promise<void> {
  await repositories.create({
    ...{ id: 'acme', display_name: null, description: null, notes: {} },
    distributors: [
      { id: distributorId, distributor_type_id: distributor, config, auto_publish: false },
    ],
  });
  await distributions.claim({
    ...{ area: 'repos', relative_url: 'acme', repository: 'acme', distributor: distributorId },
    ...{ http: false, https: true, access: null, gpg_key: null },
  });
}
