import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, keyDigest, replacesDigest } from '../../src/repositories/unit-digests.ts';
import type { Value } from '../../src/stores/document.ts';

const kinds: readonly Value[] = [
  null,
  false,
  true,
  0,
  1,
  1.5,
  '',
  '0',
  '1',
  'null',
  'true',
  '\u00e9',
  'e\u0301',
  [],
  [null],
  ['a', 'b'],
  ['a,b'],
  [['a'], 'b'],
  {},
  { a: 1 },
  { a: 1, b: null },
  new Date(0),
  new Date(1),
  '{"$date":0}',
];

describe('keyDigest', () => {
  it('is another for each value of every kind of JSON', () => {
    const digests = kinds.map((value) => keyDigest('rpm', { name: value }, ['name']));
    assert.equal(new Set(digests).size, kinds.length);
  });

  it('takes a field that is missing for null, and none for what every object has', () => {
    assert.equal(keyDigest('rpm', {}, ['name']), keyDigest('rpm', { name: null }, ['name']));
    assert.equal(
      keyDigest('rpm', {}, ['constructor']),
      keyDigest('rpm', Object.create(null), ['constructor']),
    );
  });

  it('goes by the fields of the key alone, whatever their order and that of the others', () => {
    const one = keyDigest('rpm', { name: 'a', arch: 'x', other: 1 }, ['name', 'arch']);
    assert.equal(keyDigest('rpm', { arch: 'x', name: 'a' }, ['name', 'arch']), one);
    assert.notEqual(keyDigest('srpm', { arch: 'x', name: 'a' }, ['name', 'arch']), one);
    assert.notEqual(keyDigest('rpm', { arch: 'a', name: 'x' }, ['name', 'arch']), one);
    assert.match(one, /^[0-9a-f]{64}$/);
  });

  it('lets no value run into the next', () => {
    const digest = (a: string, b: string) => keyDigest('rpm', { a, b }, ['a', 'b']);
    assert.notEqual(digest('x","b","y', ''), digest('x', 'y'));
    assert.notEqual(digest('ab', 'c'), digest('a', 'bc'));
  });

  it('is no other than that by which units replace each other', () => {
    const fields = { name: 'a', arch: 'x' };
    const digest = replacesDigest('rpm', fields, ['name', 'arch']);
    assert.equal(digest, replacesDigest('rpm', fields, ['arch', 'name']));
    assert.notEqual(digest, keyDigest('rpm', fields, ['name', 'arch']));
  });
});

describe('canonicalJson', () => {
  it('is the same for equal values, and JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = canonicalJson(value as Value);
        // Negative zero is zero in JSON.
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
        assert.equal(canonicalJson(JSON.parse(text)), text);
      }),
    );
  });
});
