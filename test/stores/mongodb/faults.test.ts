import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { everything } from '../../../src/stores/filter.ts';
import { Announcements } from '../../../src/stores/mongodb/announcements.ts';
import { createClient, databaseOf } from '../../../src/stores/mongodb/client.ts';
import { ownCollections } from '../../../src/stores/mongodb/names.ts';
import { watchStore } from '../../../src/stores/watch.ts';
import { open } from '../../contracts/store-fixture.ts';
import { needsMongodb, needsOwnMongodb } from '../../support/mongodb.ts';
import { freePort, until } from '../../support/processes.ts';
import { mongodbHost } from './host.ts';

describe('MongodbStore', { skip: needsMongodb() }, () => {
  let host: Awaited<ReturnType<typeof mongodbHost>>;
  before(async () => {
    host = await mongodbHost();
  });
  after(() => host[Symbol.asyncDispose]());

  it('T96 fails while its server is away, and goes on by itself', {
    skip: needsOwnMongodb(),
  }, async () => {
    await using store = await open(host.settings());
    await store.insert('plain', { _id: 'kept' });
    const failures: unknown[] = [];
    await using watch = watchStore(store, {
      collections: ['plain'],
      onChange: () => {},
      onFailure: (error) => void failures.push(error),
      everyMilliseconds: 50,
    });
    await until('the watch is current', () => watch.currentAt !== undefined);
    await host.server.kill();
    await assert.rejects(store.get('plain', 'kept'), { code: 'STORE_UNAVAILABLE' });
    await assert.rejects(store.insert('plain', {}), { code: 'STORE_UNAVAILABLE' });
    await until('the watch fails', () => failures.length > 0);
    const last = watch.currentAt ?? 0;
    await host.server.start();
    await until(
      'the store is back',
      () =>
        store.ping().then(
          () => true,
          () => false,
        ),
      20_000,
    );
    assert.equal((await store.get('plain', 'kept'))?._id, 'kept');
    assert.equal((await store.insert('plain', { _id: 'new' })).outcome, 'inserted');
    await until('the watch is current again', () => (watch.currentAt ?? 0) > last, 20_000);
  });

  it('starts without a server, and works as soon as there is one', async () => {
    const url = `mongodb://127.0.0.1:${await freePort()}/x?serverSelectionTimeoutMS=300`;
    await using store = await open({ type: 'mongodb', url });
    await assert.rejects(store.ping(), {
      code: 'STORE_UNAVAILABLE',
      message: /^Cannot use the MongoDB store: .*ECONNREFUSED/,
    });
  });

  it('T92 never shows the credentials of its URL', async () => {
    const port = await freePort();
    const urls = [
      `mongodb://admin:hunter2@127.0.0.1:${port}/x?nonsense=1`,
      `mongodb://admin:hun@ter2@127.0.0.1:${port}`,
      `http://admin:hunter2@127.0.0.1:${port}`,
      'mongodb://admin:hunter2@',
    ];
    for (const url of urls) {
      await assert.rejects(open({ type: 'mongodb', url }), (error: Error & { code: string }) => {
        assert.equal(error.code, 'CONFIG_INVALID');
        assert.doesNotMatch(`${error.message} ${error.stack} ${error.cause}`, /hun@?ter2/, url);
        return true;
      });
    }
    const url = `mongodb://admin:hunter2@127.0.0.1:${port}/x?serverSelectionTimeoutMS=300`;
    await using store = await open({ type: 'mongodb', url });
    await assert.rejects(store.ping(), (error: Error) => {
      assert.doesNotMatch(`${error.message} ${error.stack} ${error.cause}`, /hunter2/);
      return true;
    });
  });

  it('stands above weaker promises of its URL', () => {
    const url =
      'mongodb://127.0.0.1/x?w=0&journal=false&readPreference=secondary&readConcernLevel=local';
    const { options, readConcern, writeConcern, readPreference } = databaseOf(createClient(url));
    assert.ok(options === undefined || typeof options === 'object');
    assert.deepEqual([writeConcern?.w, writeConcern?.journal], ['majority', true]);
    assert.deepEqual([readConcern?.level, readPreference?.mode], ['majority', 'primary']);
  });

  it('refuses a newer schema and leaves it as it is', async () => {
    const settings = host.settings();
    const url = 'url' in settings ? settings.url : '';
    await using client = new MongoClient(url);
    const state = client.db().collection<{ _id: string; version: number }>(ownCollections.state);
    await state.insertOne({ _id: 'schema', version: 99 });
    await using store = await open(settings);
    await assert.rejects(store.insert('plain', {}), {
      code: 'STORE_SCHEMA',
      message: /its schema 99 is of a newer Portcullis/,
    });
    assert.equal((await state.findOne())?.version, 99);
  });

  it('refuses to read where nothing was ever written', async () => {
    await using reader = await open(host.settings(), { access: 'read' });
    await assert.rejects(reader.count('plain', everything), { code: 'STORE_SCHEMA' });
  });

  it('settles what a process that was killed had announced', async () => {
    const settings = host.settings();
    await using store = await open(settings);
    await store.ping();
    await using client = createClient('url' in settings ? settings.url : '');
    const database = databaseOf(client);
    const changes = database.collection<{ _id: string; collection: string }>(
      ownCollections.changes,
    );
    await changes.insertOne({ _id: 'left behind', collection: 'plain' });
    const announcements = new Announcements(database, 300);
    const first = await announcements.changedSince(await announcements.revision());
    assert.deepEqual([...first.collections], ['plain']);
    assert.deepEqual(
      [...(await announcements.changedSince(first.revision)).collections],
      ['plain'],
    );
    await sleep(350);
    await announcements.changedSince(first.revision);
    await announcements.settled();
    assert.equal(await changes.countDocuments(), 0);
    const last = await announcements.changedSince(first.revision);
    assert.deepEqual([...last.collections], ['plain'], 'its token tells of it from now on');
    assert.equal((await announcements.changedSince(last.revision)).collections.size, 0);
  });
});
