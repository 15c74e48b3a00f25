import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PortcullisError } from '../../src/errors.ts';
import type { Store } from '../../src/stores/store.ts';
import { countsStill, watchStore } from '../../src/stores/watch.ts';
import { open } from '../contracts/store-fixture.ts';
import { until } from '../support/processes.ts';
import { sqliteHost } from './sqlite/host.ts';

const everyMilliseconds = 20;

describe('watchStore', () => {
  it('watchStore calls back at first, and then for the collections it watches alone', async () => {
    await using given = await start();
    const calls: string[][] = [];
    await using _ = watchStore(given.store, {
      collections: ['users', 'plain'],
      onChange: (changed) => void calls.push([...changed].sort()),
      onFailure: fail,
      everyMilliseconds,
    });
    await until('it calls back at first', () => calls.length === 1);
    await given.store.insert('tasks', {});
    await given.store.insert('plain', {});
    await until('it calls back for a change', () => calls.length === 2);
    assert.deepEqual(calls, [['plain', 'users'], ['plain']]);
  });

  it('watchStore tells again of a change that could not be taken in', async () => {
    await using given = await start();
    const calls: string[] = [];
    const failures: unknown[] = [];
    await using _ = watchStore(given.store, {
      collections: ['plain'],
      onChange: (changed) => {
        calls.push([...changed].join());
        if (calls.length === 1 || calls.length === 3) throw new Error('not now');
      },
      onFailure: (error) => void failures.push(error),
      everyMilliseconds,
    });
    await until('the first call is repeated', () => calls.length === 2);
    await given.store.insert('plain', {});
    await until('the call for the change is repeated', () => calls.length === 4);
    assert.equal(failures.length, 2);
  });

  it('watchStore says since when it knows nothing, and goes on by itself', async () => {
    await using given = await start();
    let isAway = false;
    const failures: unknown[] = [];
    const flaky = new Proxy(given.store, {
      get: (store, name) => {
        if (isAway && name === 'changedSince') throw new PortcullisError('STORE_UNAVAILABLE', 'x');
        const value = Reflect.get(store, name);
        return typeof value === 'function' ? value.bind(store) : value;
      },
    });
    await using watch = watchStore(flaky, {
      collections: ['plain'],
      onChange: () => {},
      onFailure: (error) => void failures.push(error),
      everyMilliseconds,
    });
    assert.equal(watch.currentAt, undefined);
    await until('it is current', () => watch.currentAt !== undefined);
    isAway = true;
    await until('it fails', () => failures.length > 1);
    const last = watch.currentAt;
    await until('it fails again', () => failures.length > 3);
    assert.equal(watch.currentAt, last);
    isAway = false;
    await until('it is current again', () => (watch.currentAt ?? 0) > (last ?? 0));
  });

  it('watchStore calls back no more once it is closed', async () => {
    await using given = await start();
    let calls = 0;
    const watch = watchStore(given.store, {
      collections: ['plain'],
      onChange: () => {
        calls += 1;
      },
      onFailure: fail,
      everyMilliseconds,
    });
    await watch[Symbol.asyncDispose]();
    const before = calls;
    await given.store.insert('plain', {});
    await given.store.ping();
    assert.equal(calls, before);
  });
});

function fail(error: unknown): void {
  assert.fail(String(error));
}

async function start(): Promise<AsyncDisposable & { readonly store: Store }> {
  const host = await sqliteHost();
  const store = await open(host.settings());
  return {
    store,
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await host[Symbol.asyncDispose]();
    },
  };
}

describe('countsStill', () => {
  it('countsStill is true up to the end of the outage and the published time, and no longer', () => {
    const currentAt = 5000;
    for (const [outageSeconds, last] of [
      [0, 1000],
      [60, 61_000],
    ] as const) {
      assert.equal(countsStill(currentAt, currentAt + last, outageSeconds), true);
      assert.equal(countsStill(currentAt, currentAt + last + 1, outageSeconds), false);
    }
    assert.equal(countsStill(undefined, currentAt, 60), false);
  });
});
