import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ChangeQueue, changesWaitingMax } from '../../src/workers/change-queue.ts';

/** A change that runs until it is told to end. */
function slowChange(): {
  readonly run: () => Promise<string>;
  readonly end: (text: string) => void;
} {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { run: () => promise, end: resolve };
}

describe('ChangeQueue', () => {
  test('newest() runs the first and the last of many', async () => {
    const queue = new ChangeQueue();
    const first = slowChange();
    const answers = [
      queue.newest(first.run, 'superseded'),
      queue.newest(() => assert.fail('it was superseded'), 'superseded'),
      queue.newest(() => Promise.resolve('last'), 'superseded'),
    ];
    first.end('first');
    assert.deepEqual(await Promise.all(answers), ['first', 'superseded', 'last']);
  });

  test('inTurn() takes as many as may wait, and no more', async () => {
    const queue = new ChangeQueue();
    const first = slowChange();
    const ran: number[] = [];
    const answers = [queue.inTurn(first.run)];
    for (let index = 0; index < changesWaitingMax; index += 1) {
      answers.push(
        queue.inTurn(() => {
          ran.push(index);
          return Promise.resolve('done');
        }),
      );
    }
    assert.equal(
      queue.inTurn(() => Promise.resolve('')),
      undefined,
    );
    assert.ok(answers.every((answer) => answer !== undefined));
    first.end('first');
    await Promise.all(answers);
    assert.deepEqual(
      ran,
      ran.map((_, index) => index),
    );
    assert.equal(ran.length, changesWaitingMax);
  });

  test('a change that fails does not stop the next', async () => {
    const queue = new ChangeQueue();
    const failing = queue.inTurn(() => Promise.reject(new Error('no')));
    await assert.rejects(failing ?? Promise.resolve(), { message: 'no' });
    assert.equal(await queue.newest(() => Promise.resolve('yes'), ''), 'yes');
  });
});
