import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { WorkQueue } from '../../src/identity/work-queue.ts';

const never = new AbortController().signal;

/** Work that ends when it is told to. */
class Jobs {
  running = 0;
  runningMost = 0;
  readonly #ends: (() => void)[] = [];

  readonly start = async (): Promise<void> => {
    this.running += 1;
    this.runningMost = Math.max(this.runningMost, this.running);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ends.push(resolve);
    await promise;
    this.running -= 1;
  };

  async endOne(): Promise<void> {
    this.#ends.shift()?.();
    await nextTurn();
  }

  get waitingForEnd(): number {
    return this.#ends.length;
  }
}

describe('WorkQueue', () => {
  it('runs as many as it may at once, and the others in their order', async () => {
    const queue = new WorkQueue({ runningMax: 2, pendingMax: 10 });
    const jobs = new Jobs();
    const order: number[] = [];
    const all = [0, 1, 2, 3, 4].map((number) =>
      queue.run(jobs.start, never).then(() => order.push(number)),
    );
    await nextTurn();
    while (jobs.waitingForEnd > 0) await jobs.endOne();
    await Promise.all(all);
    assert.equal(jobs.runningMost, 2);
    assert.deepEqual(order, [0, 1, 2, 3, 4]);
    assert.equal(queue.pending, 0);
  });

  it('T49 takes as many as its limit, refuses one more, and takes the next when one has ended', async () => {
    const queue = new WorkQueue({ runningMax: 1, pendingMax: 3 });
    const jobs = new Jobs();
    const taken = [1, 2, 3].map(() => queue.run(jobs.start, never));
    await nextTurn();
    assert.equal(queue.pending, 3);
    await assert.rejects(queue.run(jobs.start, never), { code: 'CANNOT_DECIDE' });
    await jobs.endOne();
    const next = queue.run(jobs.start, never);
    await nextTurn();
    while (jobs.waitingForEnd > 0) await jobs.endOne();
    await Promise.all([...taken, next]);
    assert.equal(jobs.runningMost, 1);
  });

  it('takes work that is aborted while it waits out of the queue', async () => {
    const queue = new WorkQueue({ runningMax: 1, pendingMax: 3 });
    const jobs = new Jobs();
    const first = queue.run(jobs.start, never);
    const controller = new AbortController();
    const aborted = queue.run(jobs.start, controller.signal);
    const last = queue.run(jobs.start, never);
    await nextTurn();
    controller.abort(new Error('too late'));
    await assert.rejects(aborted, /too late/);
    assert.equal(queue.pending, 2);
    await jobs.endOne();
    await jobs.endOne();
    await Promise.all([first, last]);
    assert.equal(queue.pending, 0);
  });

  it('gives the place of aborted work that runs to no other until it has ended', async () => {
    const queue = new WorkQueue({ runningMax: 1, pendingMax: 3 });
    const jobs = new Jobs();
    const controller = new AbortController();
    const aborted = queue.run(jobs.start, controller.signal);
    const next = queue.run(jobs.start, never);
    await nextTurn();
    controller.abort(new Error('too late'));
    await assert.rejects(aborted, /too late/);
    assert.equal(jobs.running, 1);
    assert.equal(queue.pending, 2);
    await jobs.endOne();
    await jobs.endOne();
    await next;
    assert.equal(jobs.runningMost, 1);
  });

  it('goes on after work that failed, and starts nothing for a signal that was aborted before', async () => {
    const queue = new WorkQueue({ runningMax: 1, pendingMax: 3 });
    await assert.rejects(
      queue.run(() => Promise.reject(new Error('broken')), never),
      /broken/,
    );
    assert.equal(await queue.run(async () => 5, never), 5);
    let started = false;
    const work = async () => {
      started = true;
    };
    await assert.rejects(queue.run(work, AbortSignal.abort(new Error('before'))), /before/);
    assert.equal(started, false);
    assert.equal(queue.pending, 0);
  });

  it('loses no place at whatever moment of a turn the abort comes', async () => {
    for (let delay = 0; delay < 16; delay += 1) {
      const queue = new WorkQueue({ runningMax: 1, pendingMax: 3 });
      const jobs = new Jobs();
      const controller = new AbortController();
      const first = queue.run(jobs.start, never);
      const outcome = assert.rejects(queue.run(jobs.start, controller.signal), /aborted/);
      await nextTurn();
      const ended = jobs.endOne();
      for (let step = 0; step < delay; step += 1) await Promise.resolve();
      controller.abort(new Error('aborted'));
      await Promise.all([first, ended, outcome]);
      while (jobs.waitingForEnd > 0) await jobs.endOne();
      assert.equal(queue.pending, 0, `after ${delay} steps`);
      assert.equal(await queue.run(async () => 'served', never), 'served');
    }
  });
});
