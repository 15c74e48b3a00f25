import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { taskLimits as limits } from '../../src/tasks/limits.ts';
import { stopSecondsMax, taskTiming as timing } from '../../src/tasks/timing.ts';
import { type Expected, kib, mib, pageSays, seconds } from '../support/documentation.ts';

const page = 'docs/tasks.md';
const { leaseMilliseconds: lease, beatMilliseconds: beat, marginMilliseconds: margin } = timing;

const expected: readonly Expected[] = [
  ['A worker has a lease in the store', `every ${seconds(beat)}`],
  ['take the worker for dead', seconds(lease)],
  ['The worker stops its tasks', seconds(margin)],
  ['begun again at most', seconds(lease + 2 * beat + 1000)],
  ['less than', seconds(lease - margin)],
  ['to end; then', seconds(timing.cancelMilliseconds)],
  ['Those that run have', seconds(timing.drainMilliseconds), seconds(timing.cancelMilliseconds)],
  ['The primary gives a worker', seconds(stopSecondsMax * 1000)],
  ['arguments of a task', mib(limits.argumentsBytesMax)],
  ['a progress report', kib(limits.progressBytesMax)],
  ['a result', mib(limits.resultBytesMax)],
  ['a name, tag or resource', `${limits.nameBytesMax} bytes`],
  ['tags, resources of a task', `${limits.tagsMax} each`],
  ['spawned tasks that are listed', `${limits.spawnedMax}`],
  ['tasks that wait or run', '10,000'],
  ['tasks that are over', '10,000'],
];

describe(page, () => {
  for (const [subject, ...values] of expected) {
    it(`${page} says of "${subject}": ${values.join(', ')}`, () => {
      pageSays(page, [subject, ...values]);
    });
  }

  it(`${page} says the values above that stand in words of its own`, () => {
    assert.deepEqual([limits.openTasksMax, limits.finalTasksMax], [10_000, 10_000]);
    assert.deepEqual([limits.tagsMax, timing.progressMilliseconds], [limits.resourcesMax, 1000]);
    assert.equal(timing.tidyMilliseconds, 60_000);
  });
});
