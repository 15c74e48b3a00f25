/** What every store keeps of the writes of processes that are killed. */

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { StoredDocument } from '../../src/stores/document.ts';
import { everything } from '../../src/stores/filter.ts';
import type { StoreSettings } from '../../src/stores/open.ts';
import { parseFilter } from '../../src/stores/parse-filter.ts';
import type { Store } from '../../src/stores/store.ts';
import { until } from '../support/processes.ts';
import { randomSource } from '../support/random.ts';
import { type StoreChild, StoreChildren } from './store-children.ts';
import { open, type StoreContract, type StoreHost } from './store-fixture.ts';
import { type Acknowledgement, Ledger } from './store-ledger.ts';

const writers = 4;
/** New documents of each writer; a tenth of them is changed besides, and one of 25 counted. */
const writesOfEach = 250;
/** How often all writers are killed, each at a moment of its own. */
const rounds: Readonly<Record<string, number>> = { sqlite: 6, mongodb: 2 };
/** Documents that are looked for by their indexes too, after each round. */
const indexChecks = 25;
/** Until a writer has written so much, in milliseconds; a dead holder of a lock holds it up. */
const roundMilliseconds = 90_000;

export function testStoreCrash(contract: StoreContract): void {
  const { [contract.name]: roundsOfStore = 2 } = rounds;
  const title = `keeps what was acknowledged of ${writers * writesOfEach} writes through ${writers * roundsOfStore} kills, and nothing half`;
  describe(`store ${contract.name} and sudden death`, { skip: contract.skip }, () => {
    const children = new StoreChildren();
    let host: StoreHost;
    before(async () => {
      host = await contract.host();
    });
    afterEach(() => children.killAll());
    after(() => host[Symbol.asyncDispose]());

    it(title, async () => {
      const settings = host.settings();
      await using store = await open(settings);
      await store.insert('plain', { _id: 'counter', count: 0 });
      const random = randomSource(7);
      const ledgers = Array.from({ length: writers }, (_, index) => new Ledger(`w${index}`));
      for (let round = 1; round <= roundsOfStore; round += 1) {
        const goal = Math.floor((round * writesOfEach) / (roundsOfStore + 1));
        const killed = ledgers.map((ledger) => {
          const from = Math.max(ledger.next + 1, goal - 20);
          return writeUntilKilled(children, settings, ledger, from + random(40), random(8));
        });
        await Promise.all(killed);
        await check(store, ledgers, writers * round);
      }
      const last = ledgers.map((ledger) => startWriter(children, settings, ledger));
      const codes = await Promise.all(last.map(({ closed }) => closed));
      assert.deepEqual(new Set(codes), new Set([0]));
      for (const [index, ledger] of ledgers.entries()) ledger.take(last[index]?.said ?? []);
      await check(store, ledgers, writers * roundsOfStore);
      assert.equal(await store.count('users', everything), writers * writesOfEach);
    });
  });
}

function startWriter(
  children: StoreChildren,
  settings: StoreSettings,
  { writer, next }: Ledger,
): StoreChild {
  return children.start(settings, 'write', writer, String(next), String(writesOfEach));
}

/** @param milliseconds after the goal: somewhere inside one of the next writes, not between two */
async function writeUntilKilled(
  children: StoreChildren,
  settings: StoreSettings,
  ledger: Ledger,
  goal: number,
  milliseconds: number,
): Promise<void> {
  const child = startWriter(children, settings, ledger);
  const isReached = (said: unknown): boolean => ((said as Acknowledgement).inserted ?? -1) >= goal;
  const isThere = (): boolean => child.said.some(isReached) || child.isOver;
  await until(`write ${goal} is acknowledged`, isThere, roundMilliseconds);
  await sleep(milliseconds);
  await child.kill();
  ledger.take(child.said);
}

/** @param kills each may have left a change that was made and not acknowledged */
async function check(store: Store, ledgers: readonly Ledger[], kills: number): Promise<void> {
  const all = await findSettled(store);
  await checkWholeness(store, all);
  const users = new Map(all.map((user) => [user._id, user]));
  for (const ledger of ledgers) {
    ledger.check(users);
    ledger.adopt(users);
  }
  const counted = ledgers.reduce((sum, ledger) => sum + ledger.counted, 0);
  const count = Number((await store.get('plain', 'counter'))?.count);
  assert.ok(counted <= count && count <= counted + kills, `${counted} were counted, not ${count}`);
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

async function checkWholeness(store: Store, users: readonly StoredDocument[]): Promise<void> {
  for (const { age, name, roles } of users) {
    assert.deepEqual([name, roles], [`n${age}`, [`r${age}`]], 'a change is there by half');
  }
  for (const user of users.slice(-indexChecks)) {
    const { age = null, name = null, roles, login } = user;
    const filter = parseFilter({ roles, age, name, login });
    assert.deepEqual(
      await store.find('users', { filter }),
      [user],
      'an index holds something else',
    );
  }
}
