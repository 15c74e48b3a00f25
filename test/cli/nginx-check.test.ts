import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { differences, differencesMax } from '../../src/cli/nginx-check.ts';

function told(written: readonly string[], rendered: readonly string[]): readonly string[] {
  return differences('f', written.join('\n'), rendered.join('\n')).map(({ message }) => message);
}

describe('differences', () => {
  it('differences finds none in texts that differ by blanks and comments', () => {
    assert.deepEqual(told(['a;', '', '  # x', '\tb;'], ['a;', 'b;']), []);
  });

  it('differences tells surplus, missing, repeated and reordered lines', () => {
    assert.deepEqual(told(['a;', 'x;', 'b;'], ['a;', 'b;']), ['f:2: would not be rendered: x;']);
    assert.deepEqual(told(['a;'], ['a;', 'b;']), ['f: lacks what would be rendered: b;']);
    assert.deepEqual(told(['a;', 'a;', 'b;'], ['a;', 'b;']), ['f:2: would not be rendered: a;']);
    assert.deepEqual(told(['b;', 'a;'], ['a;', 'b;']), [
      'f:1: from here on the order is not the rendered one',
    ]);
  });

  it('differences tells as many lines as its limit, and how many more there are', () => {
    const lines = (count: number): string[] =>
      Array.from({ length: count }, (_, index) => `line${index};`);
    assert.equal(told(lines(differencesMax), []).length, differencesMax);
    const more = told(lines(differencesMax + 1), []);
    assert.equal(more.length, differencesMax + 1);
    assert.equal(more.at(-1), 'f: 1 more of them');
  });
});
