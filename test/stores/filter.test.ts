import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Document } from '../../src/stores/document.ts';
import { compileFilter } from '../../src/stores/evaluate.ts';
import { storeLimits } from '../../src/stores/limits.ts';
import { parseFilter, where } from '../../src/stores/parse-filter.ts';
import { renderFilter } from '../../src/stores/render.ts';

const invalid = { code: 'FILTER_INVALID' };
const limits = storeLimits;

describe('parseFilter', () => {
  const refused: readonly (readonly [string, unknown])[] = [
    ['T56 $where', { $where: 'sleep(1000)' }],
    ['T56 $where at a field', { login: { $where: 'true' } }],
    ['T56 $expr', { $expr: { $eq: [1, 1] } }],
    ['T56 $function', { a: { $function: {} } }],
    ['$jsonSchema', { $jsonSchema: {} }],
    ['$comment', { $comment: 'x' }],
    ['$text', { $text: { $search: 'x' } }],
    ['$type', { a: { $type: 2 } }],
    ['$mod', { a: { $mod: [2, 0] } }],
    ['$near', { a: { $near: [0, 0] } }],
    ['an operator of updates', { a: { $set: 1 } }],
    ['an operator of another case', { a: { $GT: 1 } }],
    ['an operator and a name', { a: { $gt: 1, b: 2 } }],
    ['$not at the top', { $not: { a: 1 } }],
    ['an object to be equal to', { a: { b: 1 } }],
    ['an empty object to be equal to', { a: {} }],
    ['T57 __proto__', JSON.parse('{"__proto__": {"a": 1}}')],
    ['T57 a path through __proto__', { 'a.__proto__.b': 1 }],
    ['T57 constructor', { 'constructor.name': 'Object' }],
    ['T57 toString', { toString: { $exists: true } }],
    ['T57 hasOwnProperty in $elemMatch', { a: { $elemMatch: { hasOwnProperty: 1 } } }],
    ['the _version', { _version: 1 }],
    ['an empty name', { '': 1 }],
    ['an empty part of a path', { 'a..b': 1 }],
    ['a dollar in a path', { 'a.$': 1 }],
    ['a NUL in a path', { 'a\0': 1 }],
    ['a NUL in a text', { a: 'b\0' }],
    ['half a surrogate pair', { a: '\udc00' }],
    ['undefined', { a: undefined }],
    ['NaN', { a: Number.NaN }],
    ['a function', { a: () => true }],
    ['a regular expression object', { a: /x/ }],
    ['a big integer', { a: 1n }],
    ['$and of no list', { $and: { a: 1 } }],
    ['$or of nothing', { $or: [] }],
    ['$or of values', { $or: [1] }],
    ['$in of no list', { a: { $in: 'x' } }],
    ['$in of objects', { a: { $in: [{ $ne: null }] } }],
    ['$in of lists', { a: { $in: [[1]] } }],
    ['$in of regular expressions', { a: { $in: [{ $regex: 'x' }] } }],
    ['$all of $elemMatch', { a: { $all: [{ $elemMatch: { b: 1 } }] } }],
    ['$gt of null', { a: { $gt: null } }],
    ['$gt of a flag', { a: { $gt: true } }],
    ['$gt of a list', { a: { $gt: [1] } }],
    ['$exists of a text', { a: { $exists: 'yes' } }],
    ['$size of a fraction', { a: { $size: 1.5 } }],
    ['$size below zero', { a: { $size: -1 } }],
    ['$not of a value', { a: { $not: 1 } }],
    ['$not of a regular expression', { a: { $not: /x/ } }],
    ['$elemMatch of nothing', { a: { $elemMatch: {} } }],
    ['$elemMatch of a value', { a: { $elemMatch: 1 } }],
    ['$elemMatch of $size', { a: { $elemMatch: { $size: 1 } } }],
    ['$options without $regex', { a: { $options: 'i' } }],
    ['$options that are unknown', { a: { $regex: 'x', $options: 'x' } }],
    ['$options of no text', { a: { $regex: 'x', $options: 1 } }],
    ['$regex of no text', { a: { $regex: {} } }],
    ['$date of nonsense', { a: { $date: 'yesterday' } }],
    ['$date of an object', { a: { $date: {} } }],
    ['$date with another name', { a: { $date: 0, $gt: 0 } }],
    ['$oid that is none', { a: { $oid: 'xyz' } }],
  ];
  for (const [what, raw] of refused) {
    it(`parseFilter refuses ${what}`, () => {
      assert.throws(() => parseFilter(raw), invalid);
    });
  }
  for (const raw of [undefined, null, 1, 'a', [], [{ a: 1 }], new Date()]) {
    it(`parseFilter refuses what is no object: ${JSON.stringify(raw)}`, () => {
      assert.throws(() => parseFilter(raw), invalid);
    });
  }

  it('parseFilter names what is not allowed, and what is', () => {
    assert.throws(() => parseFilter({ login: { $where: '1' } }), {
      message: /^Cannot filter: "\$where" is not allowed at "login", only \$eq, .* are$/,
    });
  });

  it('parseFilter reads an $oid as the text that ids are', () => {
    const raw = { _id: { $in: [{ $oid: 'ABCDEFABCDEFABCDEFABCDEF' }] } };
    assert.deepEqual(render(parseFilter(raw)), { _id: { $in: ['abcdefabcdefabcdefabcdef'] } });
  });

  it('parseFilter gives a tree that a later change of its source does not reach', () => {
    const list = ['a'];
    const filter = parseFilter({ a: { $in: list } });
    list.push('b');
    assert.deepEqual(render(filter), { a: { $in: ['a'] } });
  });

  const bounds: readonly (readonly [keyof typeof limits, (size: number) => unknown])[] = [
    ['filterDepthMax', (size) => nested(size)],
    ['filterNodesMax', (size) => Object.fromEntries(numbers(size).map((name) => [`f${name}`, 1]))],
    ['filterValuesMax', (size) => ({ a: { $in: numbers(size) } })],
    ['pathCharactersMax', (size) => ({ ['p'.repeat(size)]: 1 })],
    ['filterTextBytesMax', (size) => ({ a: 'x'.repeat(size) })],
    ['patternCharactersMax', (size) => ({ a: { $regex: 'x'.repeat(size) } })],
  ];
  for (const [name, make] of bounds) {
    it(`parseFilter takes ${name} and not one more`, () => {
      parseFilter(make(limits[name]));
      assert.throws(() => parseFilter(make(limits[name] + 1)), invalid);
    });
  }

  it('T83 parseFilter refuses what is nested a hundred thousand levels', () => {
    assert.throws(() => parseFilter(nested(100_000)), invalid);
    let deep: object = { $gt: 1 };
    for (let level = 0; level < 100_000; level += 1) deep = { $not: deep };
    assert.throws(() => parseFilter({ a: deep }), invalid);
  });
});

describe('where', () => {
  it('T56 where takes values and never operators', () => {
    assert.deepEqual(render(where({ login: 'a', age: 1 })), {
      login: { $eq: 'a' },
      age: { $eq: 1 },
    });
    for (const value of [{ $ne: null }, ['a'], { $date: 0 }]) {
      assert.throws(() => where({ login: value as unknown as string }), invalid);
    }
  });
});

describe('regular expressions', () => {
  it('T69 regular expressions take linear time where backtracking does not end', () => {
    for (const source of ['^(a+)+$', '^(a|a)*$', '^(.*a){20}$', '(x+x+)+y']) {
      const test = compileFilter(parseFilter({ a: { $regex: source } }));
      const start = performance.now();
      assert.equal(test(document(`${'a'.repeat(5000)}!`)), false, source);
      assert.ok(performance.now() - start < 2000, source);
    }
  });

  it('T69 regular expressions of too many repetitions are refused', () => {
    for (const source of ['(a{1000}){1000}', '((a{100}){100}){100}', '(?:[a-z]{900}){3}']) {
      assert.throws(() => parseFilter({ a: { $regex: source } }), invalid, source);
    }
  });

  for (const source of ['(', '(?=a)', '(?<!a)b', '(a)\\1', '[', '*']) {
    it(`regular expressions refuse ${source} with a sentence`, () => {
      assert.throws(() => parseFilter({ a: { $regex: source } }), {
        code: 'FILTER_INVALID',
        message: /^Cannot use the regular expression: /,
      });
    });
  }

  it('regular expressions know classes, Unicode and groups', () => {
    for (const [source, text] of [
      ['^\\d+[a-f]\\b', '12c'],
      ['^\\p{Lu}\\p{L}*$', 'Ölsäure'],
      ['^(?i:ABC)(?:d|e)$', 'abce'],
      ['^.$', '😀'],
    ] as const) {
      assert.equal(compileFilter(parseFilter({ a: { $regex: source } }))(document(text)), true);
    }
  });
});

function render(filter: Parameters<typeof renderFilter>[0]): unknown {
  return renderFilter(filter, () => ({}));
}

function document(text: string): Document {
  return { _id: 'x', a: text };
}

function nested(levels: number): object {
  let filter: object = { a: 1 };
  for (let level = 1; level < levels; level += 1) filter = { $and: [filter] };
  return filter;
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
