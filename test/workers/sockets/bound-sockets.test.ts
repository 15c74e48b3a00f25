import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { ListenAddress } from '../../../src/listen-address.ts';
import {
  type InstancePlan,
  type ListenerPlan,
  type PoolPlan,
  type Supervision,
  sameOwner,
} from '../../../src/workers/plan.ts';
import { BoundSockets } from '../../../src/workers/sockets/bound-sockets.ts';
import type { PassedSocket } from '../../../src/workers/sockets/passed-sockets.ts';
import { needsRoot } from '../../support/needs.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary.ts';
import { connects, directoryAccess, unix } from './socket-support.ts';

const supervision: Supervision = {
  heartbeatSeconds: 1,
  silenceSeconds: 10,
  answerSeconds: 2,
  abortSeconds: 3,
  bootSeconds: 60,
  drainSeconds: 30,
  requestSeconds: 60,
  backOffSeconds: 1,
  backOffSecondsMax: 60,
  bootAttemptsMax: 5,
  recycle: { requests: 0, ageSeconds: 0, memoryBytes: 0, jitter: 0 },
  memoryBytesMax: 0,
};

function listenerAt(
  name: string,
  address: ListenAddress,
  changes: Partial<ListenerPlan> = {},
): ListenerPlan {
  return { name, address, sockets: 'shared', mode: 0o660, owner: sameOwner, ...changes };
}

const poolOf = (listeners: readonly ListenerPlan[], workers = 1): PoolPlan => ({
  name: 'main',
  workers,
  listeners,
});

const planOf = (...pools: readonly PoolPlan[]): InstancePlan => ({
  pools,
  supervision,
  payload: undefined,
});

interface Fixture extends Disposable {
  readonly sockets: BoundSockets;
  readonly warnings: readonly string[];
  at(name: string): ListenAddress;
  readonly names: () => readonly string[];
}

function fixture(passed: readonly PassedSocket[] = []): Fixture {
  const directory: TemporaryDirectory = temporaryDirectory();
  const warnings: string[] = [];
  const warn = (sentence: string): void => void warnings.push(sentence);
  const sockets = new BoundSockets({ directory: directoryAccess, passed, warn });
  return {
    sockets,
    warnings,
    at: (name) => unix(directory.file(name)),
    names: () => readdirSync(directory.path).sort(),
    [Symbol.dispose]: () => {
      sockets.close();
      directory[Symbol.dispose]();
    },
  };
}

function modeOf(address: ListenAddress): number {
  return address.type === 'unix' ? statSync(address.path).mode & 0o7777 : 0;
}

describe('BoundSockets', () => {
  test('BoundSockets gives all workers of a pool the shared socket', async () => {
    using set = fixture();
    await set.sockets.open(planOf(poolOf([listenerAt('uwsgi', set.at('s'))], 2)));
    set.sockets.commit();
    assert.equal(
      set.sockets.get('current', 'main', 'uwsgi', 1),
      set.sockets.get('current', 'main', 'uwsgi', 2),
    );
    assert.deepEqual(set.names(), ['s']);
  });

  test('BoundSockets gives each worker a socket of its own, and one more where one joins', async () => {
    using set = fixture();
    const listener = listenerAt('uwsgi', set.at('c.sock'), { sockets: 'worker' });
    await set.sockets.open(planOf(poolOf([listener], 2)));
    set.sockets.commit();
    assert.deepEqual(set.sockets.get('current', 'main', 'uwsgi', 2).address, set.at('c-2.sock'));
    assert.throws(
      () => set.sockets.get('current', 'main', 'uwsgi', 3),
      /no socket is open for worker 3/,
    );
    await set.sockets.open(planOf(poolOf([listener], 3)));
    set.sockets.commit();
    assert.deepEqual(set.sockets.get('current', 'main', 'uwsgi', 3).address, set.at('c-3.sock'));
    await set.sockets.open(planOf(poolOf([listener], 1)));
    set.sockets.commit();
    assert.deepEqual(set.names(), ['c-1.sock']);
  });

  test('BoundSockets keeps, adds and removes at a change that is committed', async () => {
    using set = fixture();
    const kept = listenerAt('uwsgi', set.at('kept'));
    await set.sockets.open(planOf(poolOf([kept, listenerAt('http', set.at('old'))])));
    set.sockets.commit();
    const { descriptor } = set.sockets.get('current', 'main', 'uwsgi', 1);
    await set.sockets.open(planOf(poolOf([kept, listenerAt('http', set.at('new'))])));
    assert.deepEqual(set.names(), ['kept', 'new', 'old']);
    assert.deepEqual(set.sockets.get('next', 'main', 'http', 1).address, set.at('new'));
    assert.deepEqual(set.sockets.get('current', 'main', 'http', 1).address, set.at('old'));
    set.sockets.commit();
    assert.deepEqual(set.names(), ['kept', 'new']);
    assert.equal(set.sockets.get('current', 'main', 'uwsgi', 1).descriptor, descriptor);
    assert.ok(await connects(set.at('kept')));
  });

  test('BoundSockets keeps a socket whose pool or listener has another name now', async () => {
    using set = fixture();
    await set.sockets.open(planOf(poolOf([listenerAt('uwsgi', set.at('s'))])));
    const { descriptor } = set.sockets.get('current', 'main', 'uwsgi', 1);
    const pool: PoolPlan = { ...poolOf([listenerAt('http', set.at('s'))]), name: 'blog' };
    await set.sockets.open(planOf(pool));
    set.sockets.commit();
    assert.equal(set.sockets.get('current', 'blog', 'http', 1).descriptor, descriptor);
    assert.ok(await connects(set.at('s')));
  });

  test('BoundSockets is as before after a change that is rolled back', async () => {
    using set = fixture();
    const before = planOf(poolOf([listenerAt('uwsgi', set.at('s'))]));
    await set.sockets.open(before);
    set.sockets.commit();
    const changed = listenerAt('uwsgi', set.at('s'), { mode: 0o600 });
    await set.sockets.open(planOf(poolOf([changed, listenerAt('http', set.at('new'))])));
    assert.equal(modeOf(set.at('s')), 0o600);
    set.sockets.rollback();
    assert.deepEqual(set.names(), ['s']);
    assert.equal(modeOf(set.at('s')), 0o660);
    assert.throws(() => set.sockets.get('current', 'main', 'http', 1));
    await set.sockets.open(before);
    assert.ok(await connects(set.at('s')));
  });

  test('BoundSockets tells of a socket that it cannot give its old mode back, and rolls the rest back', async () => {
    using set = fixture();
    const address = set.at('s');
    await set.sockets.open(planOf(poolOf([listenerAt('uwsgi', address)])));
    set.sockets.commit();
    const changed = listenerAt('uwsgi', address, { mode: 0o600 });
    await set.sockets.open(planOf(poolOf([changed, listenerAt('http', set.at('new'))])));
    if (address.type === 'unix') unlinkSync(address.path);
    set.sockets.rollback();
    assert.deepEqual(set.names(), []);
    assert.match(set.warnings.join(), /Cannot listen on unix:.*s: /);
  });

  test('BoundSockets gives a socket back to who had it', { skip: needsRoot() }, async () => {
    using set = fixture();
    const address = set.at('s');
    const ownerOf = (): number => (address.type === 'unix' ? statSync(address.path).uid : -1);
    await set.sockets.open(planOf(poolOf([listenerAt('uwsgi', address)])));
    set.sockets.commit();
    const owner = { uid: 12345, gid: undefined };
    await set.sockets.open(planOf(poolOf([listenerAt('uwsgi', address, { owner })])));
    assert.equal(ownerOf(), 12345);
    set.sockets.rollback();
    assert.equal(ownerOf(), 0);
  });

  test('BoundSockets is as before when one of the new sockets cannot be bound', async () => {
    using set = fixture();
    const kept = listenerAt('uwsgi', set.at('kept'));
    await set.sockets.open(planOf(poolOf([kept])));
    set.sockets.commit();
    const { descriptor } = set.sockets.get('current', 'main', 'uwsgi', 1);
    const taken = set.at('taken');
    if (taken.type === 'unix') writeFileSync(taken.path, '');
    const added = [listenerAt('http', set.at('new')), listenerAt('tls', taken)];
    await assert.rejects(
      set.sockets.open(planOf(poolOf([{ ...kept, mode: 0o600 }, ...added]))),
      /not a socket is there/,
    );
    assert.deepEqual(set.names(), ['kept', 'taken']);
    assert.equal(modeOf(set.at('kept')), 0o660);
    assert.equal(set.sockets.get('current', 'main', 'uwsgi', 1).descriptor, descriptor);
  });

  test('BoundSockets refuses two sockets of one address, and binds neither', async () => {
    using set = fixture();
    const listeners = [listenerAt('uwsgi', set.at('s')), listenerAt('http', set.at('s'))];
    await assert.rejects(set.sockets.open(planOf(poolOf(listeners))), {
      code: 'LISTEN_FAILED',
      message: /two sockets of the configuration have this address/,
    });
    assert.deepEqual(set.names(), []);
  });

  test('BoundSockets passes on what the operator should know of a directory', async () => {
    using set = fixture();
    const open = set.at('open');
    if (open.type === 'unix') {
      const umask = process.umask(0);
      mkdirSync(open.path, { mode: 0o777 });
      process.umask(umask);
    }
    await set.sockets.open(planOf(poolOf([listenerAt('uwsgi', set.at('open/s'))])));
    assert.match(set.warnings.join(), /Every user of this host can replace the sockets/);
  });

  test('BoundSockets closes all of them, and those of a change that runs', async () => {
    using set = fixture();
    await set.sockets.open(planOf(poolOf([listenerAt('uwsgi', set.at('s'))])));
    set.sockets.commit();
    await set.sockets.open(planOf(poolOf([listenerAt('uwsgi', set.at('next'))])));
    set.sockets.close();
    assert.deepEqual(set.names(), []);
  });

  test('BoundSockets binds nothing for a change that is made while it closes', async () => {
    using set = fixture();
    const listeners = [listenerAt('uwsgi', set.at('s'))];
    await set.sockets.open(planOf(poolOf(listeners)));
    const change = planOf(poolOf([...listeners, listenerAt('http', set.at('next'))]));
    const opening = set.sockets.open(change);
    set.sockets.close();
    await assert.rejects(opening, /closed meanwhile/);
    await assert.rejects(set.sockets.open(change), /closed meanwhile/);
    assert.deepEqual(set.names(), []);
    assert.deepEqual(set.sockets.get('current', 'main', 'uwsgi', 1).address, set.at('s'));
  });
});

describe('BoundSockets with passed sockets', () => {
  const address: ListenAddress = { type: 'unix', path: '/nonexistent/passed.sock' };
  const listener = listenerAt('uwsgi', address);

  test('BoundSockets takes a passed socket by its address, and binds nothing there', async () => {
    using set = fixture([{ descriptor: 3, name: 'portcullis.socket', address }]);
    await set.sockets.open(planOf(poolOf([listener, listenerAt('http', set.at('h'))])));
    assert.equal(set.sockets.get('current', 'main', 'uwsgi', 1).descriptor, 3);
    assert.deepEqual(set.names(), ['h']);
  });

  for (const name of ['uwsgi', 'main.uwsgi']) {
    test(`BoundSockets takes a passed socket by the name ${name}, wherever it is bound`, async () => {
      using set = fixture([{ descriptor: 3, name, address }]);
      await set.sockets.open(planOf(poolOf([listenerAt('uwsgi', set.at('other'))])));
      assert.deepEqual(set.sockets.get('current', 'main', 'uwsgi', 1).address, address);
      assert.deepEqual(set.names(), []);
    });
  }

  test('BoundSockets gives sockets of one name to the workers with their addresses', async () => {
    const other: ListenAddress = { type: 'unix', path: '/nonexistent/c-2.sock' };
    const first: ListenAddress = { type: 'unix', path: '/nonexistent/c-1.sock' };
    using set = fixture([
      { descriptor: 3, name: 'uwsgi', address: other },
      { descriptor: 4, name: 'uwsgi', address: first },
    ]);
    const base: ListenAddress = { type: 'unix', path: '/nonexistent/c.sock' };
    const listeners = [listenerAt('uwsgi', base, { sockets: 'worker' })];
    await set.sockets.open(planOf(poolOf(listeners, 2)));
    assert.equal(set.sockets.get('current', 'main', 'uwsgi', 1).descriptor, 4);
    assert.equal(set.sockets.get('current', 'main', 'uwsgi', 2).descriptor, 3);
  });

  test('BoundSockets refuses a passed socket that nobody would accept from, by name', async () => {
    using set = fixture([
      { descriptor: 3, name: 'uwsgi', address },
      { descriptor: 4, name: 'uwsgi', address: { type: 'tcp', host: '::1', port: 9 } },
    ]);
    await assert.rejects(set.sockets.open(planOf(poolOf([listener]))), {
      code: 'LISTEN_FAILED',
      message:
        'Cannot use the sockets that were passed: descriptor 4 named uwsgi on [::1]:9 fits no listener; the listeners are unix:/nonexistent/passed.sock',
    });
  });

  test('BoundSockets keeps a passed socket at a change, and after one that is rolled back', async () => {
    using set = fixture([{ descriptor: 3, name: undefined, address }]);
    await set.sockets.open(planOf(poolOf([listener])));
    await set.sockets.open(planOf(poolOf([{ ...listener, mode: 0o600 }])));
    set.sockets.rollback();
    assert.equal(set.sockets.get('current', 'main', 'uwsgi', 1).descriptor, 3);
  });
});
