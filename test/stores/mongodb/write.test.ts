import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { storeLimits } from '../../../src/stores/limits.ts';
import { createClient, databaseOf } from '../../../src/stores/mongodb/client.ts';
import { ownCollections } from '../../../src/stores/mongodb/names.ts';
import type { MongoRecord } from '../../../src/stores/mongodb/record.ts';
import { type Target, updateRecord } from '../../../src/stores/mongodb/write.ts';
import { WriterLock } from '../../../src/stores/mongodb/writer-lock.ts';
import { open } from '../../contracts/store-fixture.ts';
import { needsMongodb } from '../../support/mongodb.ts';
import { mongodbHost } from './host.ts';

describe('changes at once in MongodbStore', { skip: needsMongodb() }, () => {
  let host: Awaited<ReturnType<typeof mongodbHost>>;
  before(async () => {
    host = await mongodbHost();
  });
  after(() => host[Symbol.asyncDispose]());

  it('WriterLock gives the lock to one at a time', async () => {
    const settings = host.settings();
    await using client = createClient('url' in settings ? settings.url : '');
    const locks = [1, 2, 3].map(() => new WriterLock(databaseOf(client), 60_000));
    let holders = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      holders += 1;
      most = Math.max(most, holders);
      await sleep(5);
      holders -= 1;
    };
    await Promise.all(locks.flatMap((lock) => [1, 2, 3, 4].map(() => lock.hold(work))));
    assert.equal(most, 1);
  });

  it('WriterLock takes the lock from a holder that is dead', async () => {
    const settings = host.settings();
    await using client = createClient('url' in settings ? settings.url : '');
    const database = databaseOf(client);
    await database.collection<{ _id: number }>(ownCollections.writers).insertOne({ _id: 41 });
    const lock = new WriterLock(database, 5000, 200);
    const start = performance.now();
    await lock.hold(async () => {});
    assert.ok(performance.now() - start >= 200);
    const impatient = new WriterLock(database, 0, 300);
    await database.collection<{ _id: number }>(ownCollections.writers).insertOne({ _id: 99 });
    let isRenewing = true;
    const renew = async (): Promise<void> => {
      for (let turn = 100; isRenewing; turn += 1) {
        await database.collection<{ _id: number }>(ownCollections.writers).insertOne({ _id: turn });
        await sleep(50);
      }
    };
    const renewing = renew();
    await assert.rejects(
      impatient.hold(async () => {}),
      { code: 'STORE_UNAVAILABLE' },
    );
    isRenewing = false;
    await renewing;
  });

  it('updateRecord tries again while others change the document, and no longer than its limit', async () => {
    const settings = host.settings();
    await using client = createClient('url' in settings ? settings.url : '');
    const database = databaseOf(client);
    const records = database.collection<MongoRecord>('plain');
    const counters = database.collection<{ _id: string; _version: number; n: number }>('plain');
    await records.insertOne({ _id: 'p', _version: 1, n: 0 });
    let others = 3;
    const target = (contentionMillisecondsMax: number): Target => ({
      records,
      indexes: [],
      limits: { ...storeLimits, contentionMillisecondsMax },
      alone: undefined,
      announce: async (change) => {
        others -= 1;
        // Between the reading and the writing of the change.
        if (others >= 0) await counters.updateOne({ _id: 'p' }, { $inc: { _version: 1, n: 10 } });
        return change();
      },
    });
    const increment = { $inc: { n: 1 } };
    const { outcome } = await updateRecord(target(60_000), 'p', increment, undefined);
    assert.deepEqual([outcome, (await records.findOne())?.n, others], ['updated', 31, -1]);
    others = Number.POSITIVE_INFINITY;
    await assert.rejects(updateRecord(target(0), 'p', increment, undefined), {
      code: 'STORE_UNAVAILABLE',
      message: /others are faster for too long/,
    });
  });

  it('changes a document from many sides at once without one that fails', async () => {
    const settings = host.settings();
    const limits = { ...storeLimits, contentionMillisecondsMax: 20_000 };
    await using store = await open(settings, { limits });
    await using other = await open(settings, { limits });
    await store.insert('plain', { _id: 'p', n: 0 });
    const increments = Array.from({ length: 30 }, (_, index) =>
      (index % 2 === 0 ? store : other).update('plain', 'p', { $inc: { n: 1 } }),
    );
    await Promise.all(increments);
    assert.equal((await store.get('plain', 'p'))?.n, 30);
  });
});
