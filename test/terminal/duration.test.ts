import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { durationExamples, readDuration } from '../../src/terminal/duration.ts';

describe('readDuration', () => {
  it('readDuration reads a count with its unit as seconds', () => {
    const read = durationExamples.split(/, | or /).map(readDuration);
    assert.deepEqual(read, [90, 900, 43_200, 604_800]);
    assert.equal(readDuration('1s'), 1);
    assert.equal(readDuration('99999999d'), 99_999_999 * 86_400);
  });

  it('readDuration knows nothing else for a time', () => {
    for (const text of [
      '',
      '0s',
      '1',
      's',
      '-1s',
      '1.5h',
      '1w',
      '1 h',
      '01h',
      '100000000s',
      '1hh',
    ]) {
      assert.equal(readDuration(text), undefined, text);
    }
  });
});
