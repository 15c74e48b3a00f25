import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { until } from '../support/processes.ts';
import { RunningPool } from './running-pool.ts';

describe('reload', () => {
  test('reload() replaces every worker, one at a time, and loses no request', async () => {
    await using pool = await RunningPool.start({ workers: 2, version: 'old' });
    await pool.whole(2);
    let isDone = false;
    const reload = pool.primary
      .reload(() => pool.plan({ workers: 2, version: 'new' }))
      .finally(() => {
        isDone = true;
      });
    while (!isDone) {
      assert.match(await pool.ask('version'), /^(?:old|new)$/);
      const draining = pool.primary.view().workers.filter(({ phase }) => phase === 'draining');
      assert.ok(draining.length <= 1);
    }
    assert.deepEqual(await reload, { outcome: 'done' });
    assert.equal(await pool.ask('version'), 'new');
    assert.deepEqual(
      pool.linesOf('worker ready').map(({ version }) => version),
      ['old', 'old', 'new', 'new'],
    );
    const { generation, restarts, workers } = pool.primary.view();
    assert.deepEqual([generation, restarts.reload], [2, 2]);
    assert.deepEqual(
      workers.map(({ number, spawns }) => [number, spawns]),
      [
        [1, 2],
        [2, 2],
      ],
    );
  });

  test('reload() keeps the old workers when a new one cannot start, and says why', async () => {
    await using pool = await RunningPool.start({ workers: 2, version: 'old' });
    await pool.whole(2);
    const before = pool.pids;
    const plan = pool.plan({ workers: 2, atStart: 'refuse' });
    assert.deepEqual(await pool.primary.reload(() => plan), {
      outcome: 'refused',
      reason: 'the plugin does not load',
    });
    assert.deepEqual(pool.pids, before);
    assert.equal(pool.primary.view().lastRefusal, 'the plugin does not load');
    assert.equal(pool.linesOf('worker died').length, 1, 'one was tried');
  });

  test('reload() moves to another socket, and back when that fails', async () => {
    await using pool = await RunningPool.start({ name: 'old.sock' });
    await pool.primary.ready;
    const failing = { name: 'new.sock', atStart: 'exit' } as const;
    const refused = await pool.primary.reload(() => pool.plan(failing));
    assert.equal(refused.outcome, 'refused');
    assert.ok(!existsSync(pool.file('new.sock')));
    assert.match(await pool.ask('pid', 'old.sock'), /^\d+$/);
    const done = await pool.primary.reload(() => pool.plan({ name: 'new.sock' }));
    assert.equal(done.outcome, 'done');
    assert.ok(!existsSync(pool.file('old.sock')));
    assert.match(await pool.ask('pid', 'new.sock'), /^\d+$/);
  });

  test('reload() changes the numbers of workers', async () => {
    await using pool = await RunningPool.start({ workers: 1 });
    await pool.primary.ready;
    await pool.primary.reload(() => pool.plan({ workers: 3 }));
    await pool.whole(3);
    await pool.primary.reload(() => pool.plan({ workers: 2 }));
    await pool.whole(2);
    assert.deepEqual(
      pool.primary.view().workers.map(({ number }) => number),
      [1, 2],
    );
  });

  test('reload() refuses a plan that cannot be made or run, and starts nothing', async () => {
    await using pool = await RunningPool.start();
    await pool.primary.ready;
    const thrown = await pool.primary.reload(() => Promise.reject(new Error('half a file')));
    assert.deepEqual(thrown, { outcome: 'refused', reason: 'half a file' });
    const none = await pool.primary.reload(() => pool.plan({ workers: 0 }));
    assert.deepEqual(none, {
      outcome: 'refused',
      reason: 'Cannot run the plan: workers of pool main is 0; it has to be from 1 to 1024',
    });
    assert.equal(pool.linesOf('worker starting').length, 1);
  });

  test('reload() in a storm runs the one that runs and the newest', async () => {
    await using pool = await RunningPool.start({ version: '0' });
    await pool.primary.ready;
    const outcomes = await Promise.all(
      ['1', '2', '3', '4', '5'].map((version) => pool.primary.reload(() => pool.plan({ version }))),
    );
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ['done', 'superseded', 'superseded', 'superseded', 'done'],
    );
    assert.equal(await pool.ask('version'), '5');
    assert.deepEqual(pool.primary.view().reloads, { done: 2, refused: 0, superseded: 3 });
  });

  test('drain() during a reload ends all workers, and refuses the reload', async () => {
    await using pool = await RunningPool.start({ workers: 2 });
    await pool.whole(2);
    const running = pool.primary.reload(() => pool.plan({ workers: 2, name: 'new.sock' }));
    const waiting = pool.primary.reload(() => pool.plan({ workers: 2 }));
    await pool.line('worker starting', { cause: 'reload' });
    pool.primary.drain();
    assert.deepEqual(await pool.primary.done, { cause: 'drained' });
    const refused = { outcome: 'refused', reason: 'the instance is stopping' };
    assert.deepEqual(await running, refused);
    assert.deepEqual(await waiting, refused);
    assert.ok(!existsSync(pool.file('new.sock')));
  });

  test('reload() mends a pool whose workers can no longer start', async () => {
    await using pool = await RunningPool.start({ supervision: { backOffSecondsMax: 60 } });
    await pool.primary.ready;
    await pool.ask('exit 1');
    await pool.line('worker died');
    assert.deepEqual(await pool.primary.reload(() => pool.plan({ version: 'mended' })), {
      outcome: 'done',
    });
    assert.equal(await pool.ask('version'), 'mended');
  });
});

describe('addWorker', () => {
  test('addWorker() and removeWorker() change the first pool, with sockets of their own', async () => {
    await using pool = await RunningPool.start({ sockets: 'worker' });
    await pool.primary.ready;
    const added = await Promise.all([pool.primary.addWorker(), pool.primary.addWorker()]);
    assert.deepEqual(added, [
      { outcome: 'done', workers: 2 },
      { outcome: 'done', workers: 3 },
    ]);
    await pool.whole(3);
    assert.equal(await pool.ask('worker', 'pool-3.sock'), '3');
    await pool.primary.removeWorker();
    await pool.whole(2);
    assert.ok(!existsSync(pool.file('pool-3.sock')));
    assert.equal(pool.primary.plan.pools[0]?.workers, 2);
  });

  test('removeWorker() keeps the last one', async () => {
    await using pool = await RunningPool.start();
    await pool.primary.ready;
    const reason = 'pool main keeps its last worker; SIGTERM stops the instance';
    assert.deepEqual(await pool.primary.removeWorker(), { outcome: 'refused', reason });
    assert.equal((await pool.line('pool not resized')).reason, reason);
    await until('it serves', () => pool.pids.length === 1);
  });
});
