import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Gate } from '../../src/sync/gate.ts';
import { Groups } from '../../src/sync/groups.ts';

it('groups do what is asked for at once together, and give each its result', async () => {
  const groups: (readonly number[])[] = [];
  const doubled = new Groups(async (items: readonly number[]) => {
    groups.push(items);
    return items.map((item) => item * 2);
  });
  assert.deepEqual(await Promise.all([1, 2, 3].map((item) => doubled.add(item))), [2, 4, 6]);
  assert.equal(await doubled.add(4), 8);
  assert.deepEqual(groups, [[1, 2, 3], [4]]);
});

it('groups tell each of a group what failed, and do the next', async () => {
  let failures = 1;
  const groups = new Groups(async (items: readonly string[]) => {
    if (failures-- > 0) throw new Error('the disk is full');
    return items;
  });
  const outcomes = await Promise.allSettled(['a', 'b'].map((item) => groups.add(item)));
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.message),
    ['the disk is full', 'the disk is full'],
  );
  assert.equal(await groups.add('c'), 'c');
});

it('a gate lets in so many at a time, in their order, and goes on after one that fails', async () => {
  const gate = new Gate(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const all = ends.map(({ promise }, index) =>
    gate.through(() => {
      begun.push(index);
      return promise;
    }),
  );
  assert.deepEqual(begun, [0, 1]);
  ends[1]?.reject(new Error('it failed'));
  await assert.rejects(all[1] as Promise<void>, /it failed/);
  assert.deepEqual(begun, [0, 1, 2]);
  for (const { resolve } of ends) resolve();
  await Promise.all(all.filter((_, index) => index !== 1));
  assert.deepEqual(begun, [0, 1, 2, 3]);
});
