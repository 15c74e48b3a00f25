import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { createLogger } from '../../src/log.ts';
import { Distributions } from '../../src/repositories/distributions.ts';
import { Publications } from '../../src/repositories/publications.ts';
import { Repositories } from '../../src/repositories/repositories.ts';
import { Units } from '../../src/repositories/units.ts';
import { Uploads } from '../../src/repositories/uploads.ts';
import { createRepositoryTaskKinds } from '../../src/repository-tasks/kinds.ts';
import type { RepositoryTaskParts } from '../../src/repository-tasks/parts.ts';
import { pendingSeconds, sweep } from '../../src/repository-tasks/sweep.ts';
import { Sweeper } from '../../src/repository-tasks/sweeper.ts';
import { warnOfUnverifiedFeeds } from '../../src/repository-tasks/unverified-feeds.ts';
import type { Store } from '../../src/stores/store.ts';
import { createTaskQueue } from '../../src/tasks/create-queue.ts';
import type { StoreHost } from '../contracts/store-fixture.ts';
import { kept, listed, type OpenedStorage, openedStorage } from '../storage/opened.ts';
import { until } from '../support/processes.ts';
import { silent, startRunner, storeContracts, submit } from '../tasks/fixture.ts';
import { addUpload, openTaskStore, taskSettings } from './repository-tasks.ts';

const never = new AbortController().signal;

for (const contract of storeContracts) {
  describe(`sweep on ${contract.name}`, { skip: contract.skip }, () => {
    let host: StoreHost;
    let opened: OpenedStorage;
    let store: Store;
    let later = 0;
    const now = (): Date => new Date(Date.now() + later * 1000);
    const partsOf = async (): Promise<RepositoryTaskParts> => {
      const settings = await taskSettings(opened.directory);
      return { store, storage: opened.storage, settings, log: silent, now };
    };
    before(async () => {
      host = await contract.host();
    });
    beforeEach(async () => {
      later = 0;
      opened = await openedStorage();
      store = await openTaskStore(host.settings());
    });
    afterEach(async () => {
      await store.close();
      opened[Symbol.dispose]();
    });
    after(() => host[Symbol.asyncDispose]());

    it('sweep removes uploads that expired, and bytes without a record, and no others', async () => {
      const parts = await partsOf();
      const { uploads } = opened.storage;
      const old = await addUpload(store, opened.storage, 'old');
      await uploads.create('f'.repeat(32));
      const { uploadExpireSeconds } = parts.settings.storage;
      later = uploadExpireSeconds - 60;
      assert.equal((await sweep(parts, never)).uploads, 1);
      assert.deepEqual(await listed(uploads.list()), [old]);
      const records = new Uploads(store, now);
      const used = await records.create('somebody');
      await uploads.create(used._id);
      later = uploadExpireSeconds + 60;
      await sweep(parts, never);
      assert.deepEqual(await listed(uploads.list()), [used._id]);
      assert.equal(await records.byId(old), undefined);
      assert.deepEqual(await records.ids(), [used._id]);
    });

    it('sweep removes units whose import died for good, with their bytes', async () => {
      const parts = await partsOf();
      const units = new Units(store, now);
      const sha256 = await kept(opened.storage, 'half imported');
      const given = {
        ...{ type: 'iso', fields: { name: 'n' }, unitKey: ['name'] },
        artifact: { sha256, size: 13, filename: 'n' },
      };
      const { unit } = await units.insertPending(given);
      later = pendingSeconds - 60;
      assert.equal((await sweep(parts, never)).units, 0);
      later = pendingSeconds + 60;
      assert.equal((await sweep(parts, never)).units, 1);
      assert.equal(await units.byId(unit._id), undefined);
      assert.equal(await opened.storage.artifacts.sizeOf(sha256), undefined);
    });

    it('sweep removes bytes that no unit has, and keeps those of orphans', async () => {
      const parts = await partsOf();
      const units = new Units(store, now);
      const unknown = await kept(opened.storage, 'nobody has it');
      const sha256 = await kept(opened.storage, 'an orphan has it');
      const { unit } = await units.insertPending({
        ...{ type: 'iso', fields: { name: 'o' }, unitKey: ['name'] },
        artifact: { sha256, size: 16, filename: 'o' },
      });
      await units.settle(unit._id, undefined);
      later = 10 * pendingSeconds;
      assert.equal((await sweep(parts, never)).files, 1);
      assert.equal(await opened.storage.artifacts.sizeOf(unknown), undefined);
      assert.equal(await opened.storage.artifacts.sizeOf(sha256), 16);
    });

    it('sweep removes publications whose task is over, and directories that no document knows', async () => {
      const parts = await partsOf();
      const publications = new Publications(store, now);
      const queue = createTaskQueue(store);
      const { task_id: waiting } = await submit(queue, { name: 'tests.nothing' });
      const { task_id: over } = await submit(queue, { name: 'tests.nothing' });
      await queue.cancel(over);
      const begin = async (task: string): Promise<string> => {
        const more = { content_revision: 1, config_digest: '' };
        const given = { repository: 'r', distributor: 'd', task, ...more };
        const { _id } = await publications.begin(given);
        mkdirSync(opened.storage.publications.directoryOf(_id));
        return _id;
      };
      const [atWork, dead, purged] = [await begin(waiting), await begin(over), await begin('none')];
      mkdirSync(opened.storage.publications.directoryOf('f'.repeat(24)));
      assert.equal((await sweep(parts, never)).publications, 3);
      assert.deepEqual(await listed(opened.storage.publications.list()), [atWork]);
      assert.equal((await publications.byId(atWork))?.state, 'building');
      for (const id of [dead, purged]) assert.equal(await publications.byId(id), undefined);
    });

    it('sweep gives back the places of distributors that were never added, and no others', async () => {
      const parts = await partsOf();
      const distributions = new Distributions(store, now);
      const distributor = { id: 'd', distributor_type_id: 'iso_distributor', config: {} };
      const described = { display_name: null, description: null, notes: {} };
      const repositories = new Repositories(store, now);
      await repositories.create({
        ...{ id: 'has', ...described, distributors: [{ ...distributor, auto_publish: false }] },
      });
      await repositories.create({ id: 'has-not', ...described });
      for (const repository of ['has', 'has-not', 'gone']) {
        await distributions.claim({
          ...{ area: 'isos', relative_url: repository, repository, distributor: 'd' },
          ...{ http: false, https: true, access: null, gpg_key: null },
        });
      }
      const places = async () => (await distributions.all()).map(({ repository }) => repository);
      later = pendingSeconds - 60;
      await sweep(parts, never);
      assert.deepEqual((await places()).toSorted(), ['gone', 'has', 'has-not']);
      later = pendingSeconds + 60;
      await sweep(parts, never);
      assert.deepEqual(await places(), ['has']);
    });

    it('sweep has publications removed whose grace is over, by one task that has the repository', async () => {
      const parts = await partsOf();
      const publications = new Publications(store, now);
      const distributions = new Distributions(store, now);
      const place = { area: 'isos', relative_url: 'r', repository: 'r', distributor: 'd' } as const;
      const access = { http: false, https: true, access: null, gpg_key: null };
      await distributions.claim({ ...place, ...access });
      const graceSeconds = 3600;
      const made: string[] = [];
      for (let count = 0; count < parts.settings.storage.publicationsKept + 2; count += 1) {
        later += 1;
        const digest = { content_revision: count, config_digest: '' };
        const given = { repository: 'r', distributor: 'd', task: 'none', ...digest };
        const { _id } = await publications.begin(given);
        mkdirSync(opened.storage.publications.directoryOf(_id));
        await publications.complete(_id, { unitCounts: {} });
        await distributions.pointTo('isos:r', _id, graceSeconds);
        made.push(_id);
      }
      const queue = createTaskQueue(store);
      await sweep(parts, never);
      assert.deepEqual(await queue.list(), []);
      later += graceSeconds;
      await sweep(parts, never);
      await sweep(parts, never);
      const [task, ...more] = await queue.list(['pulp:repository:r']);
      assert.deepEqual(more, []);
      const name = 'repository.remove_old_publications';
      const kind = createRepositoryTaskKinds(parts).get(name);
      assert.ok(task !== undefined && kind !== undefined);
      await using _runner = startRunner(queue, { [name]: kind });
      await until('it is over', async () => (await queue.get(task.task_id))?.state === 'finished');
      assert.deepEqual(await listed(opened.storage.publications.list()), made.slice(2).toSorted());
      await sweep(parts, never);
      assert.equal((await queue.list()).length, 1);
    });

    it('T89a warns of feeds that are not verified, as long as there are any', async () => {
      const lines: string[] = [];
      const log = createLogger({ level: 'warn', write: (line) => lines.push(line) });
      const repositories = new Repositories(store, now);
      const described = { display_name: null, description: null, notes: {} };
      for (const [id, config] of [
        ['verified', { feed: 'https://example.com/' }],
        ['plain', { feed: 'http://example.com/', ssl_validation: false }],
      ] as const) {
        const importer = { importer_type_id: 'yum_importer', config };
        await repositories.create({ id, ...described, importer });
      }
      await warnOfUnverifiedFeeds({ store, now, log });
      assert.deepEqual(lines, []);
      const config = { feed: 'https://u:secret@example.com/', ssl_validation: false };
      const importer = { importer_type_id: 'yum_importer', config };
      await repositories.create({ id: 'open', ...described, importer });
      const sweeper = new Sweeper({ ...(await partsOf()), log });
      sweeper.start();
      await until('it has warned', async () => lines.length > 0);
      await sweeper.stop();
      const [line = ''] = lines;
      assert.match(line, /Feeds are not verified/);
      assert.match(line, /"repositories":\["open"\]/);
      assert.ok(!line.includes('secret'));
    });

    it('a sweeper sweeps when it starts, and ends when it is told', async () => {
      const parts = await partsOf();
      const { uploads } = opened.storage;
      await uploads.create('e'.repeat(32));
      const sweeper = new Sweeper(parts);
      sweeper.start();
      const isSwept = async () => (await listed(uploads.list())).length === 0;
      await until('the first sweep is over', isSwept);
      await sweeper.stop();
      await new Sweeper(parts).stop();
    });
  });
}
