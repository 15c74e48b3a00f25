import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { sendSignal, until } from '../support/processes.ts';
import { RunningPool } from './running-pool.ts';

describe('startPrimary', () => {
  test('startPrimary() serves with as many workers as the plan says, each with its number', async () => {
    await using pool = await RunningPool.start({ workers: 2 });
    assert.equal(await pool.primary.ready, true);
    await pool.whole(2);
    const { state, generation, pools, workers } = pool.primary.view();
    assert.deepEqual([state, generation], ['serving', 1]);
    assert.deepEqual(pools, [{ name: 'main', wanted: 2, serving: 2 }]);
    assert.deepEqual(
      workers.map(({ number, slot, spawns, addresses }) => [number, slot, spawns, addresses]),
      [
        [1, 1, 1, ['uwsgi']],
        [2, 2, 1, ['uwsgi']],
      ],
    );
    assert.ok(pool.pids.includes(Number(await pool.ask('pid'))));
  });

  test('startPrimary() gives each worker its own socket where the plan says so', async () => {
    await using pool = await RunningPool.start({ workers: 2, sockets: 'worker' });
    await pool.whole(2);
    assert.equal(await pool.ask('worker', 'pool-1.sock'), '1');
    assert.equal(await pool.ask('worker', 'pool-2.sock'), '2');
  });

  test('drain() lets a running request end, and then all workers', async () => {
    await using pool = await RunningPool.start();
    await pool.primary.ready;
    const slow = pool.ask('slow 500');
    await until('the request runs', () => pool.primary.view().workers[0]?.report?.requests === 1);
    pool.primary.drain();
    assert.match(await slow, /^\d+$/);
    assert.deepEqual(await pool.primary.done, { cause: 'drained' });
    assert.deepEqual(pool.primary.view().workers, []);
  });

  test('drain() refuses who connects after it, however long a running request takes', async () => {
    await using pool = await RunningPool.start();
    await pool.primary.ready;
    const slow = pool.ask('slow 1500');
    await until('the request runs', () => pool.primary.view().workers[0]?.report?.requests === 1);
    pool.primary.drain();
    await assert.rejects(pool.ask('pid'), /ENOENT/);
    assert.match(await slow, /^\d+$/);
    assert.deepEqual(await pool.primary.done, { cause: 'drained' });
  });

  test('interrupt() ends all workers at once, whatever they do, and a drain as well', async () => {
    await using pool = await RunningPool.start({ workers: 2, ignores: ['drain'] });
    await pool.primary.ready;
    pool.primary.drain();
    pool.primary.interrupt();
    assert.deepEqual(await pool.primary.done, { cause: 'interrupted' });
  });

  test('startPrimary() blames no worker for the time in which it was held up itself', async () => {
    await using pool = await RunningPool.start();
    await pool.primary.ready;
    const before = pool.pids;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
    const held = performance.now();
    await until('it has been judged', () => performance.now() - held > 300);
    assert.deepEqual(pool.pids, before);
    assert.equal(pool.linesOf('worker aborted').length, 0);
  });

  test('startPrimary() hears all that workers have said in that time before it judges one', async () => {
    await using pool = await RunningPool.start({ workers: 4 });
    await pool.whole(4);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
    const held = performance.now();
    await until('they have been judged', () => performance.now() - held > 300);
    assert.deepEqual(pool.linesOf('worker silent'), []);
  });

  test('startPrimary() replaces a worker that dies, and leaks no descriptor over 20 deaths', async () => {
    const supervision = { backOffSeconds: 0.001, backOffSecondsMax: 0.001 };
    await using pool = await RunningPool.start({ workers: 5, supervision });
    await pool.whole(5);
    const count = (): number => readdirSync('/proc/self/fd').length;
    const before = count();
    for (let round = 0; round < 4; round += 1) {
      const { pids } = pool;
      for (const pid of pids) sendSignal(pid, 'SIGKILL');
      await until('all have ended', () => !pool.pids.some((pid) => pids.includes(pid)), 30_000);
      await pool.whole(5);
    }
    assert.equal(pool.primary.view().restarts.died, 20);
    assert.ok(count() <= before + 2, `${before} descriptors became ${count()}`);
    await until('all have been waited for', () => zombies().length === 0);
  });
});

/** Children of this process that have ended and that nobody has waited for. */
function zombies(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        // Behind the name of the program, which may hold anything: state and parent (proc(5)).
        const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ');
        return fields?.[0] === 'Z' && fields[1] === `${process.pid}`;
      } catch {
        return false;
      }
    });
}
