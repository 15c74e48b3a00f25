import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sendSignal, until } from '../support/processes.ts';
import { RunningPool } from './running-pool.ts';

// Most of the time is waiting.
describe('startPrimary: faults of workers', { concurrency: 3 }, () => {
  test('startPrimary() aborts a worker that loops for ever, and replaces it', async () => {
    await using pool = await RunningPool.start({ workers: 2 });
    await pool.whole(2);
    assert.equal(await pool.ask('loop'), '');
    const { how, pid } = await pool.line('worker died', { cause: 'stuck' });
    assert.equal(how, 'SIGABRT');
    assert.deepEqual(
      pool.lines.filter((line) => line.pid === pid).map(({ message }) => message),
      ['worker starting', 'worker ready', 'worker silent', 'worker aborted', 'worker died'],
    );
    await pool.whole(2);
    assert.equal(pool.primary.view().restarts.stuck, 1);
  });

  test('startPrimary() kills a stuck worker that survives SIGABRT', async () => {
    await using pool = await RunningPool.start({ ignores: ['SIGABRT'] });
    await pool.primary.ready;
    await pool.ask('loop');
    assert.equal((await pool.line('worker died', { cause: 'stuck' })).how, 'SIGKILL');
    await pool.whole(1);
  });

  test('startPrimary() ends with the reason and the exit code when no worker can start', async () => {
    await using pool = await RunningPool.start({ workers: 2, atStart: 'refuse' });
    assert.deepEqual(await pool.primary.done, {
      cause: 'cannot-start',
      reason: 'the plugin does not load',
      exitCode: 78,
    });
    assert.equal(await pool.primary.ready, false);
    assert.equal(pool.linesOf('worker starting').length, 2);
  });

  test('startPrimary() ends when every worker ends at its start', async () => {
    await using pool = await RunningPool.start({ atStart: 'exit' });
    assert.deepEqual(await pool.primary.done, {
      cause: 'cannot-start',
      reason: 'It ended before it was ready: exit code 3',
      exitCode: undefined,
    });
    assert.equal(pool.linesOf('worker starting').length, 3);
  });

  for (const atStart of ['hang', 'loop'] as const) {
    test(`startPrimary() aborts a worker that is not ready in time: ${atStart}`, async () => {
      const supervision = { bootSeconds: 0.5, bootAttemptsMax: 1 };
      await using pool = await RunningPool.start({ atStart, supervision });
      assert.deepEqual(await pool.primary.done, {
        cause: 'cannot-start',
        reason: 'It was not ready within 0.5 seconds',
        exitCode: undefined,
      });
    });
  }

  test('startPrimary() says why when the program of the worker is not there', async () => {
    await using pool = await RunningPool.start({ command: '/nonexistent/node' });
    const end = await pool.primary.done;
    assert.ok(end.cause === 'cannot-start');
    assert.match(end.reason, /cannot be started: .*ENOENT/);
  });

  test('startPrimary() replaces a worker whose request goes on beyond its limit', async () => {
    await using pool = await RunningPool.start();
    await pool.primary.ready;
    const [pid] = pool.pids;
    await pool.ask('overdue');
    await pool.line('worker to be replaced', { cause: 'overdue' });
    assert.equal((await pool.line('worker ended', { cause: 'overdue' })).pid, pid);
    await pool.whole(1);
  });

  test('startPrimary() aborts an overdue worker that ignores its drain', async () => {
    const supervision = { drainSeconds: 0.3 };
    await using pool = await RunningPool.start({ ignores: ['drain'], supervision });
    await pool.primary.ready;
    await pool.ask('overdue');
    assert.equal((await pool.line('worker ended', { cause: 'overdue' })).how, 'SIGABRT');
    await pool.whole(1);
  });

  test('startPrimary() kills a worker at its highest memory', async () => {
    const supervision = { memoryBytesMax: 200 * 1024 * 1024, silenceSeconds: 20 };
    await using pool = await RunningPool.start({ supervision });
    await pool.primary.ready;
    await pool.ask(`leak ${200 * 1024 * 1024}`);
    assert.equal((await pool.line('worker died', { cause: 'memory-max' })).how, 'SIGKILL');
    await pool.whole(1);
  });

  test('startPrimary() recycles by requests, by age and by memory, one worker at a time', async () => {
    const recycle = { requests: 3, ageSeconds: 0, memoryBytes: 0, jitter: 0 };
    await using pool = await RunningPool.start({ workers: 2, supervision: { recycle } });
    await pool.whole(2);
    const before = pool.pids;
    await until('both have gone', async () => {
      assert.match(await pool.ask('pid'), /^\d+$/, 'no request is lost');
      const { workers } = pool.primary.view();
      const leaving = workers.filter(({ phase }) => phase === 'draining');
      assert.ok(leaving.length <= 1, 'one at a time');
      return !pool.pids.some((pid) => before.includes(pid));
    });
    assert.ok(pool.primary.view().restarts.requests >= 2);
    assert.ok(pool.ended.every(({ report }) => report.requests >= 3));
    for (const [limit, cause] of [
      [{ ageSeconds: 0.3 }, 'age'],
      [{ memoryBytes: 1 }, 'memory'],
    ] as const) {
      const supervision = { recycle: { ...recycle, requests: 0, ...limit } };
      await using other = await RunningPool.start({ supervision });
      await other.line('worker ended', { cause });
    }
  });

  test('startPrimary() serves on with a pool whose other workers keep dying, and waits longer each time', async () => {
    await using pool = await RunningPool.start({ workers: 2 });
    await pool.whole(2);
    for (let death = 0; death < 3; death += 1) {
      const worker = (): number | undefined =>
        pool.primary.view().workers.find(({ number }) => number === 2)?.pid;
      await until('worker 2 is there', () => worker() !== undefined);
      sendSignal(worker(), 'SIGKILL');
      const pid = worker();
      await until('it is gone', () => worker() !== pid);
      assert.match(await pool.ask('pid'), /^\d+$/);
    }
    assert.deepEqual(
      pool.linesOf('worker died').map(({ earlyDeaths }) => earlyDeaths),
      [1, 2, 3],
    );
  });
});
