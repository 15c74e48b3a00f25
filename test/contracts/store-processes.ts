/** What every store promises to several processes. */

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { everything } from '../../src/stores/filter.ts';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import { until } from '../support/processes.ts';
import { type StoreChild, StoreChildren } from './store-children.ts';
import { open, type StoreContract, type StoreHost } from './store-fixture.ts';

const processes = 4;
/** Changes that each process has to see in time, and how many may be late: a busy machine stops us. */
const changes = 8;
const lateMax = 1;

export function testStoreProcesses(contract: StoreContract): void {
  describe(`store ${contract.name} of several processes`, { skip: contract.skip }, () => {
    const children = new StoreChildren();
    let host: StoreHost;
    before(async () => {
      host = await contract.host();
    });
    afterEach(() => children.killAll());
    after(() => host[Symbol.asyncDispose]());

    it('loses no change of the same document', async () => {
      const settings = host.settings();
      await using store = await open(settings);
      await store.insert('plain', { _id: 'counter', count: 0 });
      await children.runAll(processes, settings, 'count', '25');
      const counter = await store.get('plain', 'counter');
      assert.deepEqual([counter?.count, counter?._version], [processes * 25, processes * 25 + 1]);
    });

    it('adds of equal unique values one', async () => {
      const settings = host.settings();
      await using store = await open(settings);
      await store.ping();
      const said = await children.runAll(processes, settings, 'insert', '40');
      assert.deepEqual(sortNumbers(said), upTo(40));
      assert.equal(await store.count('users', everything), 40);
    });

    it('T64 gives each task to one', async () => {
      const settings = host.settings();
      await using store = await open(settings);
      const tasks = upTo(60).map((order) => ({ state: 'waiting', order }));
      await store.insertMany('tasks', tasks);
      assert.deepEqual(sortNumbers(await children.runAll(processes, settings, 'claim')), upTo(60));
    });

    it('lets several processes make an empty store at once', async () => {
      const settings = host.settings();
      const said = await children.runAll(processes, settings, 'insert', '3');
      assert.deepEqual(sortNumbers(said), upTo(3));
    });

    it('T67 tells every process of a change within the time that is published', async () => {
      const settings = host.settings();
      await using store = await open(settings);
      await store.insert('plain', { _id: 'counter', count: 0 });
      const watchers = upTo(processes).map(() => children.start(settings, 'watch'));
      await Promise.all(watchers.map((watcher) => untilSeen(watcher, 0)));
      const delays: number[] = [];
      for (const count of upTo(changes + 1).slice(1)) {
        // Changes come at different moments between two looks.
        await sleep(count * 30);
        await store.update('plain', 'counter', { $inc: { count: 1 } });
        const acknowledged = Date.now();
        const seen = await Promise.all(watchers.map((watcher) => untilSeen(watcher, count)));
        delays.push(Math.max(...seen) - acknowledged);
      }
      const late = delays.filter((delay) => delay >= changeReachesWithinMilliseconds);
      assert.ok(late.length <= lateMax, `${delays.join()} ms`);
    });
  });
}

/** @returns when the process saw the count, in milliseconds since 1970 */
async function untilSeen({ said }: StoreChild, count: number): Promise<number> {
  const find = () => (said as { count: number; at: number }[]).find((seen) => seen.count >= count);
  await until(`the count ${count} is seen`, () => find() !== undefined, 20_000);
  return find()?.at ?? Number.NaN;
}

function sortNumbers(values: readonly unknown[]): readonly number[] {
  return values.map(Number).sort((left, right) => left - right);
}

function upTo(end: number): readonly number[] {
  return Array.from({ length: end }, (_, index) => index);
}
