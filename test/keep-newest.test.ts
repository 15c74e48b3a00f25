import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keepNewest } from '../src/keep-newest.ts';

describe('keepNewest', () => {
  it('keepNewest keeps as many as its limit, and of one more not the oldest', () => {
    const map = new Map<string, number>();
    for (const [index, key] of ['a', 'b', 'c'].entries()) keepNewest(map, key, index, 3);
    assert.deepEqual([...map.keys()], ['a', 'b', 'c']);
    keepNewest(map, 'd', 3, 3);
    assert.deepEqual([...map.keys()], ['b', 'c', 'd']);
  });

  it('keepNewest makes what is there already the newest, with its new value', () => {
    const map = new Map([
      ['a', 0],
      ['b', 1],
    ]);
    keepNewest(map, 'a', 2, 2);
    assert.deepEqual(
      [...map],
      [
        ['b', 1],
        ['a', 2],
      ],
    );
  });

  it('keepNewest keeps nothing where nothing may be kept', () => {
    const map = new Map<string, number>();
    keepNewest(map, 'a', 0, 0);
    assert.equal(map.size, 0);
  });
});
