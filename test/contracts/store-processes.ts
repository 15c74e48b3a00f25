/** What every store promises to several processes, and to one that is killed. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { StoredDocument } from '../../src/stores/document.ts';
import { everything } from '../../src/stores/filter.ts';
import type { StoreSettings } from '../../src/stores/open.ts';
import { parseFilter } from '../../src/stores/parse-filter.ts';
import type { Store } from '../../src/stores/store.ts';
import { changeReachesWithinMilliseconds } from '../../src/stores/watch.ts';
import { until } from '../support/processes.ts';
import { randomSource } from '../support/random.ts';
import { open, type StoreContract, type StoreHost } from './store-fixture.ts';

const program = path.join(import.meta.dirname, 'store-process.ts');
const processes = 4;
const writes = 1000;
const kills = 8;
/** Documents that are looked for by their indexes too, after each kill. */
const indexChecks = 25;

export function testStoreProcesses(contract: StoreContract): void {
  describe(`store ${contract.name} of several processes`, { skip: contract.skip }, () => {
    let host: StoreHost;
    before(async () => {
      host = await contract.host();
    });
    after(() => host[Symbol.asyncDispose]());

    it('loses no change of the same document', async () => {
      const settings = host.settings();
      await using store = await open(settings);
      await store.insert('plain', { _id: 'counter', count: 0 });
      await runAll(settings, 'count', '25');
      const counter = await store.get('plain', 'counter');
      assert.deepEqual([counter?.count, counter?._version], [processes * 25, processes * 25 + 1]);
    });

    it('adds of equal unique values one', async () => {
      const settings = host.settings();
      await using store = await open(settings);
      await store.ping();
      const said = await runAll(settings, 'insert', '40');
      assert.deepEqual(sortNumbers(said), upTo(40));
      assert.equal(await store.count('users', everything), 40);
    });

    it('T64 gives each task to one', async () => {
      const settings = host.settings();
      await using store = await open(settings);
      const tasks = upTo(60).map((order) => ({ state: 'waiting', order }));
      await store.insertMany('tasks', tasks);
      assert.deepEqual(sortNumbers(await runAll(settings, 'claim')), upTo(60));
    });

    it('lets several processes make an empty store at once', async () => {
      const settings = host.settings();
      const said = await runAll(settings, 'insert', '3');
      assert.deepEqual(sortNumbers(said), upTo(3));
    });

    it('T67 tells every process of a change within the time that is published', async () => {
      const settings = host.settings();
      await using store = await open(settings);
      await store.insert('plain', { _id: 'counter', count: 0 });
      const watchers = upTo(processes).map(() => start(settings, 'watch'));
      try {
        await Promise.all(watchers.map((watcher) => untilSeen(watcher, 0)));
        for (const count of [1, 2, 3, 4, 5, 6]) {
          // Changes come at different moments between two looks.
          await sleep(count * 40);
          await store.update('plain', 'counter', { $inc: { count: 1 } });
          const acknowledged = Date.now();
          const seen = await Promise.all(watchers.map((watcher) => untilSeen(watcher, count)));
          const slowest = Math.max(...seen) - acknowledged;
          assert.ok(slowest < changeReachesWithinMilliseconds, `${slowest} ms`);
        }
      } finally {
        await Promise.all(watchers.map(kill));
      }
    });

    it(`keeps what was acknowledged of ${writes} writes through ${kills} kills, and nothing half`, async () => {
      const settings = host.settings();
      await using store = await open(settings);
      await store.ping();
      const random = randomSource(7);
      const known = new Map<number, number>();
      for (let killed = 0; killed <= kills; killed += 1) {
        const first = known.size;
        const goal = killed === kills ? writes : first + 20 + random(2 * (writes / kills - 20));
        const writer = start(settings, 'write', String(first), String(writes));
        await untilAcknowledged(writer, goal);
        // Somewhere inside one of the next writes, not between two.
        await sleep(random(8));
        await kill(writer);
        take(known, writer.said);
        await checkKept(store, known);
        await adopt(store, known);
      }
      assert.equal(known.size, writes);
    });
  });
}

interface Started {
  readonly child: ChildProcess;
  /** What it has said so far. */
  readonly said: unknown[];
  readonly closed: Promise<unknown>;
}

interface Acknowledgement {
  readonly inserted?: number;
  readonly updated?: number;
  readonly to?: number;
}

function start(settings: StoreSettings, ...work: readonly string[]): Started {
  const child = spawn(process.execPath, [program, JSON.stringify(settings), ...work], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const said: unknown[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(JSON.parse(line)));
  return { child, said, closed: once(child, 'close') };
}

async function runAll(settings: StoreSettings, ...work: readonly string[]): Promise<unknown[]> {
  const all = upTo(processes).map(() => start(settings, ...work));
  await Promise.all(all.map(({ closed }) => closed));
  assert.deepEqual(new Set(all.map(({ child }) => child.exitCode)), new Set([0]));
  return all.flatMap(({ said }) => said);
}

async function kill({ child, closed }: Started): Promise<void> {
  child.kill('SIGKILL');
  await closed;
}

/** @returns when the process saw the count, in milliseconds since 1970 */
async function untilSeen({ said }: Started, count: number): Promise<number> {
  const find = () => (said as { count: number; at: number }[]).find((seen) => seen.count >= count);
  await until(`the count ${count} is seen`, () => find() !== undefined, 20_000);
  return find()?.at ?? Number.NaN;
}

async function untilAcknowledged({ said, child }: Started, number: number): Promise<void> {
  const isReached = (value: unknown): boolean =>
    value === 'done' || ((value as Acknowledgement).inserted ?? 0) >= number;
  const isOver = (): boolean => said.some(isReached) || child.exitCode !== null;
  await until(`write ${number} is acknowledged`, isOver, 60_000);
}

/** Of each number, the value that was acknowledged last. */
function take(known: Map<number, number>, said: readonly unknown[]): void {
  for (const { inserted, updated, to } of said as Acknowledgement[]) {
    if (inserted !== undefined) known.set(inserted, inserted);
    if (updated !== undefined && to !== undefined) known.set(updated, to);
  }
}

/** Once nothing is under way any more: a server ends the command of a client that was killed. */
async function findSettled(store: Store): Promise<readonly StoredDocument[]> {
  const find = () => store.find('users', { filter: everything });
  let last = await find();
  for (;;) {
    await sleep(100);
    const next = await find();
    if (isDeepStrictEqual(last, next)) return next;
    last = next;
  }
}

async function checkKept(store: Store, known: ReadonlyMap<number, number>): Promise<void> {
  const all = await findSettled(store);
  const ages = new Map(all.map((user) => [user._id, user]));
  for (const user of all) {
    const { age, name, roles } = user;
    assert.deepEqual([name, roles], [`n${age}`, [`r${age}`]], 'a change is there by half');
  }
  for (const user of all.slice(-indexChecks)) {
    const { age = null, name = null, roles } = user;
    const found = await store.find('users', {
      filter: parseFilter({ roles, age, name }),
    });
    assert.deepEqual(found, [user], 'an index holds something else');
  }
  for (const [number, value] of known) {
    const age = ages.get(`w${number}`)?.age;
    // The change that was under way when the process was killed may have been made.
    const isKept = age === value || (number === known.size - 2 && age === -(number + 1));
    assert.ok(isKept, `write ${number} was acknowledged with ${value} and is ${age}`);
  }
}

/** A write that was made and not acknowledged counts from now on, so that it is not made again. */
async function adopt(store: Store, known: Map<number, number>): Promise<void> {
  const next = known.size;
  if ((await store.get('users', `w${next}`)) !== undefined) known.set(next, next);
  for (const number of [next - 2, next - 1]) {
    const age = (await store.get('users', `w${number}`))?.age;
    if (typeof age === 'number') known.set(number, age);
  }
}

function sortNumbers(values: readonly unknown[]): readonly number[] {
  return values.map(Number).sort((left, right) => left - right);
}

function upTo(end: number): readonly number[] {
  return Array.from({ length: end }, (_, index) => index);
}
