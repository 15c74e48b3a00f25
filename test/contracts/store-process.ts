/**
 * A process of its own that uses a store, for the tests of concurrency and of sudden death.
 *
 *     node store-process.ts SETTINGS WORK ARGUMENT…
 *
 * Each line of standard output is one JSON value, written at once.
 */

import { writeSync } from 'node:fs';
import { storeLimits } from '../../src/stores/limits.ts';
import { openStore } from '../../src/stores/open.ts';
import { where } from '../../src/stores/parse-filter.ts';
import type { Store } from '../../src/stores/store.ts';
import { watchStore } from '../../src/stores/watch.ts';
import { collections } from './store-fixture.ts';

const [settings = '', work = '', ...values] = process.argv.slice(2);
const store = await openStore({
  settings: JSON.parse(settings),
  access: 'write',
  collections,
  // Many want the same at once here, on a machine that may have much else to do.
  limits: { ...storeLimits, contentionMillisecondsMax: 60_000 },
});

const works: Readonly<Record<string, (store: Store, ...values: readonly string[]) => unknown>> = {
  count: countUp,
  insert: insertSame,
  claim: claimAll,
  write: writeOn,
  watch,
};
await works[work]?.(store, ...values);

/** Adds one to the same document, `times` over. */
async function countUp(store: Store, times = '0'): Promise<void> {
  for (let time = 0; time < Number(times); time += 1) {
    const { outcome } = await store.update('plain', 'counter', { $inc: { count: 1 } });
    if (outcome !== 'updated') throw new Error(outcome);
  }
  await store.close();
}

/** Adds the users u0, u1, … and says which were added. */
async function insertSame(store: Store, users = '0'): Promise<void> {
  for (let user = 0; user < Number(users); user += 1) {
    const { outcome } = await store.insert('users', { login: `u${user}` });
    if (outcome === 'inserted') say(user);
  }
  await store.close();
}

/** Claims tasks until none is left, and says which. */
async function claimAll(store: Store): Promise<void> {
  const selection = { filter: where({ state: 'waiting' }), sort: [['order', 1]] as const };
  for (;;) {
    const task = await store.claim('tasks', selection, { $set: { state: 'running' } });
    if (task === undefined) break;
    say(task.order);
  }
  await store.close();
}

/**
 * Writes as `writer` from number `first` up to `end`: each a new user; every tenth changes the one before
 * as well, in three fields that have to stay equal; every twenty-fifth raises the counter of all. Says each
 * number when its write is acknowledged.
 */
async function writeOn(store: Store, writer = '', first = '0', end = '0'): Promise<void> {
  for (let number = Number(first); number < Number(end); number += 1) {
    const id = `${writer}-${number}`;
    await store.insert('users', { _id: id, login: id, ...fieldsOf(number) });
    say({ inserted: number });
    if (number % 10 === 9) {
      await store.update('users', `${writer}-${number - 1}`, { $set: fieldsOf(-number) });
      say({ updated: number - 1, to: -number });
    }
    if (number % 25 !== 24) continue;
    await store.update('plain', 'counter', { $inc: { count: 1 } });
    say({ counted: number });
  }
  await store.close();
}

function fieldsOf(number: number): { age: number; name: string; roles: readonly string[] } {
  return { age: number, name: `n${number}`, roles: [`r${number}`] };
}

/** Says the count of the counter and when it was seen, each time that it changes. */
function watch(store: Store): void {
  const onChange = async (): Promise<void> => {
    const counter = await store.get('plain', 'counter');
    say({ count: counter?.count ?? 0, at: Date.now() });
  };
  const onFailure = (error: unknown): void => say({ failure: String(error) });
  watchStore(store, { collections: ['plain'], onChange, onFailure });
  process.stdin.resume();
}

function say(value: unknown): void {
  writeSync(1, `${JSON.stringify(value)}\n`);
}
