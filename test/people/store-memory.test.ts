import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createLogger } from '../../src/log.ts';
import { StoreMemory } from '../../src/people/store-memory.ts';
import type { Store } from '../../src/stores/store.ts';
import { open } from '../contracts/store-fixture.ts';
import { sqliteHost } from '../stores/sqlite/host.ts';
import { until } from '../support/processes.ts';

interface Given extends AsyncDisposable {
  readonly store: Store;
  readonly memory: StoreMemory;
  readonly lines: readonly string[];
  /** How often the store was asked for a document. */
  asked(): number;
  name(id: string): Promise<unknown>;
  /** Has the file of the store go away, or come back. */
  move(to: 'away' | 'back'): void;
  /** Moves the clock on. */
  wait(seconds: number): void;
}

async function start(options: { entriesMax?: number } = {}): Promise<Given> {
  await using stack = new AsyncDisposableStack();
  const host = stack.use(await sqliteHost());
  const settings = host.settings();
  assert.ok(settings.type === 'sqlite');
  const { file } = settings;
  const store = stack.use(await open(settings));
  const lines: string[] = [];
  let asked = 0;
  let shift = 0;
  const memory = stack.use(
    new StoreMemory({
      store,
      collections: ['plain', 'users'],
      outageSeconds: 600,
      entriesMax: options.entriesMax ?? 100,
      log: createLogger({ level: 'info', write: (line) => lines.push(line) }),
      monotonicNow: () => performance.now() + shift,
    }),
  );
  await until('it is current', () => memory.version(['plain']) !== undefined);
  const owned = stack.move();
  return {
    store,
    memory,
    lines,
    asked: () => asked,
    name: (id) =>
      memory.read('plain', id, async (from) => {
        asked += 1;
        return (await from.get('plain', id))?.name;
      }),
    move: (to) => {
      for (const end of ['', '-wal', '-shm']) {
        const [here, there] = [`${file}${end}`, `${file}.away${end}`];
        renameSync(to === 'away' ? here : there, to === 'away' ? there : here);
      }
    },
    wait: (seconds) => {
      shift += 1000 * seconds;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe('StoreMemory', () => {
  it('StoreMemory asks the store once, and again after a change of the collection', async () => {
    await using given = await start();
    const { store, memory, name } = given;
    const first = memory.version(['plain']);
    await store.insert('plain', { _id: 'a', name: 'one' });
    await until('the first change is seen', () => memory.version(['plain']) !== first);
    const version = memory.version(['plain']);
    for (let time = 0; time < 3; time += 1) assert.equal(await name('a'), 'one');
    assert.equal(given.asked(), 1);
    await store.insert('users', { login: 'x' });
    await until('the other change is seen', () => memory.version(['users']) !== 1);
    assert.equal(memory.version(['plain']), version);
    await store.update('plain', 'a', { $set: { name: 'two' } });
    await until('the version moves on', () => memory.version(['plain']) !== version);
    assert.equal(await name('a'), 'two');
  });

  it('StoreMemory keeps also that there is nothing', async () => {
    await using given = await start();
    assert.equal(await given.name('nobody'), undefined);
    assert.equal(await given.name('nobody'), undefined);
    assert.equal(given.asked(), 1);
  });

  it('StoreMemory keeps no more than it should, and lets go of what was not used for longest', async () => {
    await using given = await start({ entriesMax: 2 });
    for (const id of ['a', 'b', 'a', 'c', 'a']) await given.name(id);
    assert.equal(given.asked(), 3);
    await given.name('b');
    assert.equal(given.asked(), 4);
  });

  it('StoreMemory keeps nothing of a question that fails', async () => {
    await using given = await start();
    const fail = () => given.memory.read('plain', 'a', () => Promise.reject(new Error('odd')));
    await assert.rejects(fail(), /odd/);
    assert.equal(await given.name('a'), undefined);
    assert.equal(given.asked(), 1);
  });

  it('StoreMemory keeps nothing that was read before a change and comes after it', async () => {
    await using given = await start();
    const { memory, store } = given;
    const version = memory.version(['plain']);
    const late = Promise.withResolvers<string>();
    const reading = memory.read('plain', 'a', () => late.promise);
    await store.insert('plain', { _id: 'a', name: 'new' });
    await until('the version moves on', () => memory.version(['plain']) !== version);
    late.resolve('old');
    assert.equal(await reading, 'old');
    assert.equal(await given.name('a'), 'new');
  });

  it('StoreMemory goes on with what it has while the store is away, and fails for the rest', async () => {
    await using given = await start();
    const first = given.memory.version(['plain']);
    await given.store.insert('plain', { _id: 'a', name: 'one' });
    await until('the change is seen', () => given.memory.version(['plain']) !== first);
    assert.equal(await given.name('a'), 'one');
    const version = given.memory.version(['plain']);
    given.move('away');
    await until('it is said', () => given.lines.some((line) => line.includes('does not answer')));
    assert.equal(await given.name('a'), 'one');
    assert.equal(given.memory.version(['plain']), version);
    await assert.rejects(given.name('b'), {
      code: 'STORE_UNAVAILABLE',
      message: /^Cannot ask the store: it does not answer, .* \(Cannot use the store/,
    });
    // What counts is how long the store is away, and not how often it was asked.
    given.wait(602);
    assert.equal(given.memory.version(['plain']), undefined);
    await assert.rejects(given.name('a'), { code: 'STORE_UNAVAILABLE' });
    given.move('back');
    await until('it is said', () => given.lines.some((line) => line.includes('answers again')));
    given.wait(-602);
    assert.equal(await given.name('a'), 'one');
    assert.equal(given.lines.length, 2);
  });
});
