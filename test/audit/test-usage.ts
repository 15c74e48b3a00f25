/** Downloads and bytes by principal and distribution, on any store. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { usageHourDays, usagePairsMax, usageShards } from '../../src/audit/limits.ts';
import { nobody, others, PairSums, pairOf, readPair } from '../../src/audit/usage.ts';
import { reportUsage, tidyUsage, type UsageQuery } from '../../src/audit/usage-report.ts';
import { UsageWriter, usageSums } from '../../src/audit/usage-writer.ts';
import { everything } from '../../src/stores/filter.ts';
import type { Store } from '../../src/stores/store.ts';
import { epoch, someFields } from './decisions.ts';

const hour = 3_600_000;
const day = 24 * hour;

const wholeDay: UsageQuery = {
  unit: 'day',
  from: new Date(epoch),
  until: new Date(epoch),
  by: ['principal'],
};

export function testUsage(open: () => Promise<Store>): void {
  it('UsageWriter sums up downloads and bytes by hour and day, principal and distribution', async () => {
    await using store = await open();
    const writers = [new UsageWriter(async () => store), new UsageWriter(async () => store)];
    for (const writer of writers) {
      assert.equal(writer.count(someFields, new Date(epoch)), true);
      writer.count({ ...someFields, bytes: 0, handedOver: 100 }, new Date(epoch + hour));
      writer.count({ ...someFields, distribution: 'other' }, new Date(epoch));
      writer.count({ ...someFields, principal: undefined }, new Date(epoch));
      await writer.flush();
      await writer.flush();
    }
    assert.deepEqual(await reportUsage(store, wholeDay), [
      row({ principal: 'user:ann', downloads: 6, bytes: 228 }),
      row({ principal: nobody, downloads: 2, bytes: 14 }),
    ]);
    const query = { ...wholeDay, distribution: 'acme/el9', principal: 'user:ann' } as const;
    const from = new Date(epoch - hour);
    const hours = await reportUsage(store, {
      ...query,
      unit: 'hour',
      from,
      until: new Date(epoch + hour),
      by: ['time', 'distribution'],
    });
    assert.deepEqual(hours, [
      row({ time: new Date(epoch), distribution: 'acme/el9', downloads: 2, bytes: 14 }),
      row({ time: new Date(epoch + hour), distribution: 'acme/el9', downloads: 2, bytes: 200 }),
    ]);
    assert.deepEqual(
      await reportUsage(store, {
        ...query,
        from: new Date(epoch + day),
        until: new Date(epoch + day),
      }),
      [],
    );
  });

  it('UsageWriter counts as a download only a GET whose body was sent or handed over', async () => {
    const writer = new UsageWriter(async () => assert.fail('nothing is to be written'));
    for (const fields of [
      { method: 'HEAD' },
      { status: 304 },
      { status: 416 },
      { outcome: 'deny', status: 403 },
      { outcome: 'not-found', status: 404 },
    ] as const) {
      assert.equal(writer.count({ ...someFields, ...fields }, new Date(epoch)), false);
    }
    await writer.flush();
  });

  it('UsageWriter counts once what it cannot know to have been written', async () => {
    await using store = await open();
    let isLost = true;
    const writer = new UsageWriter(async () => ({
      insert: async (...args) => {
        const result = await store.insert(...args);
        if (isLost) throw new Error('lost the answer');
        return result;
      },
      update: (...args) => store.update(...args),
    }));
    writer.count(someFields, new Date(epoch));
    await assert.rejects(writer.flush(), /lost the answer/);
    writer.count(someFields, new Date(epoch));
    isLost = false;
    await writer.flush();
    const [sum] = await reportUsage(store, wholeDay);
    assert.deepEqual([sum?.downloads, sum?.bytes], [2, 14]);
  });

  it('UsageWriter spreads the principals of an hour over few documents', async () => {
    await using store = await open();
    const writer = new UsageWriter(async () => store);
    for (let index = 0; index < 100; index += 1) {
      writer.count({ ...someFields, principal: `user:${index}` }, new Date(epoch));
    }
    await writer.flush();
    assert.equal(await store.count(usageSums, everything), 2 * usageShards);
    assert.equal((await reportUsage(store, wholeDay)).length, 100);
  });

  it('PairSums keeps as many pairs apart as it may, and sums up the rest as others', () => {
    const sums = new PairSums(usagePairsMax);
    const usage = { downloads: 1, bytes: 2 };
    for (let index = 0; index < usagePairsMax; index += 1) sums.add(pairOf('d', `${index}`), usage);
    assert.equal(sums.size, usagePairsMax);
    assert.equal(
      sums.entries().some(([pair]) => readPair(pair).principal === others),
      false,
    );
    for (const name of ['one', 'two', 'three']) sums.add(pairOf('d', name), usage);
    assert.equal(sums.size, usagePairsMax + 1);
    const [pair, sum] = sums.entries().at(-1) ?? [];
    assert.deepEqual(readPair(pair ?? ''), { distribution: others, principal: others });
    assert.deepEqual(sum, { downloads: 3, bytes: 6 });
    sums.add(pairOf('d', '0'), usage);
    assert.deepEqual(new Map(sums.entries()).get(pairOf('d', '0')), { downloads: 2, bytes: 4 });
  });

  it('tidyUsage keeps hours and days for their time, and no longer', async () => {
    await using store = await open();
    const writer = new UsageWriter(async () => store);
    writer.count(someFields, new Date(epoch));
    await writer.flush();
    const countAfter = async (milliseconds: number): Promise<number> => {
      await tidyUsage(store, 30, new Date(epoch + milliseconds));
      return store.count(usageSums, everything);
    };
    assert.equal(await countAfter(usageHourDays * day), 2);
    assert.equal(await countAfter(usageHourDays * day + hour), 1);
    assert.equal(await countAfter(30 * day), 1);
    assert.equal(await countAfter(31 * day), 0);
  });
}

function row(fields: object): object {
  return { time: undefined, distribution: undefined, principal: undefined, ...fields };
}
