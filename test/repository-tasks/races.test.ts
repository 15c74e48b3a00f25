/** Tasks of one repository that are submitted at once, with workers on two hosts over one store and storage. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifyStorage } from '../../src/cli/verify/verify-storage.ts';
import { Bindings } from '../../src/consumers/bindings.ts';
import { consumerCollections } from '../../src/consumers/documents.ts';
import { Distributions } from '../../src/repositories/distributions.ts';
import { publicationsCollection, repositoryCollections } from '../../src/repositories/documents.ts';
import { Publications } from '../../src/repositories/publications.ts';
import { Repositories } from '../../src/repositories/repositories.ts';
import { associateSubmission } from '../../src/repository-tasks/associate.ts';
import { deleteSubmission } from '../../src/repository-tasks/delete.ts';
import { importUploadSubmission } from '../../src/repository-tasks/import-upload.ts';
import { createRepositoryTaskKinds } from '../../src/repository-tasks/kinds.ts';
import type { RepositoryTaskParts } from '../../src/repository-tasks/parts.ts';
import { publishSubmission } from '../../src/repository-tasks/publish.ts';
import { removeOrphansSubmission } from '../../src/repository-tasks/remove-orphans.ts';
import { rollbackSubmission } from '../../src/repository-tasks/rollback.ts';
import { sweep } from '../../src/repository-tasks/sweep.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { openStore } from '../../src/stores/open.ts';
import { where } from '../../src/stores/parse-filter.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import type { Submission } from '../../src/tasks/queue.ts';
import { isFinal, type Task, taskCollections } from '../../src/tasks/task.ts';
import { openedStorage } from '../storage/opened.ts';
import { until } from '../support/processes.ts';
import { patientTiming, silent, startRunner, storeContracts, submit } from '../tasks/fixture.ts';
import { addUpload, taskSettings } from './repository-tasks.ts';
import { createServedRepository } from './served-repository.ts';

interface Hosts {
  readonly parts: RepositoryTaskParts;
  readonly publications: Publications;
  /** Submitted at once. @returns the tasks when all are over */
  run(...submissions: readonly Submission[]): Promise<readonly Task[]>;
  add(repository: string, name: string): Promise<Submission>;
}

const publish = publishSubmission({ repository: 'acme', distributor: 'served' });

for (const contract of storeContracts) {
  // The others take minutes on a server of MongoDB's protocol over SQLite, and are of the tasks alone.
  const skip = contract.name !== 'sqlite' && 'the first says it of the store';
  describe(`tasks at once on ${contract.name}`, { skip: contract.skip }, () => {
    const onHosts = async (test: (hosts: Hosts) => Promise<void>): Promise<void> => {
      await using host = await contract.host();
      using opened = await openedStorage();
      await using stack = new AsyncDisposableStack();
      const open = async (): Promise<RepositoryTaskParts> => {
        const collections = [...repositoryCollections, ...taskCollections, ...consumerCollections];
        const settings = host.settings();
        const store = stack.use(await openStore({ settings, access: 'write', collections }));
        const { directory } = opened;
        const storage = await openStorage({ directory, uploadBytesMax: 1024 ** 3 });
        const now = () => new Date();
        return { store, storage, settings: await taskSettings(directory), log: silent, now };
      };
      const [parts, other] = [await open(), await open()];
      const queue = createTaskQueue(parts.store);
      for (const each of [parts, other]) {
        const kinds = Object.fromEntries(createRepositoryTaskKinds(each));
        const worker = each === parts ? 'tasks@one' : 'tasks@other';
        const options = { worker, timing: patientTiming };
        stack.use(startRunner(createTaskQueue(each.store), kinds, options));
      }
      await createServedRepository(parts, 'iso');
      await test({
        parts,
        publications: new Publications(parts.store, parts.now),
        run: async (...submissions) => {
          const tasks = await Promise.all(submissions.map((each) => submit(queue, each)));
          return Promise.all(tasks.map(({ task_id: id }) => over(id)));
        },
        add: async (repository, name) => {
          const upload = await addUpload(parts.store, parts.storage, `bytes of ${name}`);
          const unit = { type: 'iso', unitKey: { name }, unitMetadata: {} };
          return importUploadSubmission({ repository, upload, unit });
        },
      });
      async function over(id: string): Promise<Task> {
        let task: Task | undefined;
        const isOver = async (): Promise<boolean> => {
          task = await queue.get(id);
          return task !== undefined && isFinal(task.state);
        };
        await until(`task ${id} is over`, isOver, 120_000);
        return task as Task;
      }
      await sweep(parts, new AbortController().signal);
      const verified = await verifyStorage({
        ...{ store: parts.store, storage: parts.storage, isRepairing: false, now: parts.now },
        ...{ signal: new AbortController().signal, progress: () => {} },
      });
      assert.deepEqual(verified.findings, []);
    };

    it('two publishes and a delete of one repository leave nothing of it', () =>
      onHosts(async ({ parts, run, add }) => {
        await run(await add('acme', 'a'));
        const target = { repo_id: 'acme', distributor_id: 'served' };
        const bindings = new Bindings(parts.store, parts.now);
        await parts.store.insert('consumers', { _id: 'web-01', record: 'one' });
        const binding = { ...target, notify_agent: false, binding_config: {}, is_granted: true };
        await bindings.bind({ _id: 'web-01', record: 'one' }, binding);
        const [, deletion] = await run(publish, deleteSubmission('acme'), publish);
        assert.equal(deletion?.state, 'finished', JSON.stringify(deletion?.error));
        assert.equal(await new Repositories(parts.store, parts.now).byId('acme'), undefined);
        const left = await new Distributions(parts.store, parts.now).ofRepository('acme');
        assert.deepEqual(left, []);
        assert.equal(await bindings.one({ record: 'one' }, target), undefined);
        const ofIt = where({ repository: 'acme' });
        assert.equal(await parts.store.count(publicationsCollection, ofIt), 0);
        assert.deepEqual(await Array.fromAsync(parts.storage.publications.list()), []);
      }));

    it('a rollback and publishes at once leave one that is whole', { skip }, () =>
      onHosts(async ({ parts, publications, run, add }) => {
        for (const name of ['a', 'b']) await run(await add('acme', name), publish);
        const rollback = rollbackSubmission({
          ...{ repository: 'acme', distributor: 'served', publication: null },
        });
        const tasks = await run(await add('acme', 'c'), publish, rollback, publish);
        assert.deepEqual(
          tasks.map(({ state }) => state),
          ['finished', 'finished', 'finished', 'finished'],
        );
        const [served] = await new Distributions(parts.store, parts.now).ofRepository('acme');
        const document = await publications.byId(served?.publication ?? '');
        assert.deepEqual([document?.state, document?.unit_counts], ['complete', { iso: 3 }]);
      }),
    );

    it(
      'a copy from a repository that is deleted has all of it or nothing, while orphans go',
      { skip },
      () =>
        onHosts(async ({ parts, run, add }) => {
          await createServedRepository(parts, 'iso', 'copy');
          await run(await add('acme', 'a'), await add('acme', 'b'));
          const copy = associateSubmission({ repository: 'copy', source: 'acme', criteria: {} });
          const orphans = removeOrphansSubmission({ kind: 'all' });
          const [deletion, copied] = await run(deleteSubmission('acme'), copy, orphans, orphans);
          assert.equal(deletion?.state, 'finished');
          const found = await new Repositories(parts.store, parts.now).byId('copy');
          const counts = copied?.state === 'finished' ? { iso: 2 } : {};
          assert.deepEqual(found?.content_unit_counts, counts);
          const [published] = await run(
            publishSubmission({ repository: 'copy', distributor: 'served' }),
          );
          assert.equal(published?.state, 'finished', JSON.stringify(published?.error));
        }),
    );
  });
}
