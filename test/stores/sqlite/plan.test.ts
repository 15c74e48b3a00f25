import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Scalar } from '../../../src/stores/document.ts';
import { compareValues } from '../../../src/stores/order.ts';
import { parseFilter } from '../../../src/stores/parse-filter.ts';
import { encodeKey, rangeBetween, rangeOfPrefix } from '../../../src/stores/sqlite/keys.ts';
import type { StoredIndex } from '../../../src/stores/sqlite/layout.ts';
import { type Plan, planCount, planFilter } from '../../../src/stores/sqlite/plan.ts';
import { statements } from '../../../src/stores/sqlite/scan.ts';
import { open } from '../../contracts/store-fixture.ts';
import { sqliteHost } from './host.ts';

const index = (id: number, fields: readonly string[], more: object = {}): StoredIndex => ({
  ...{ id, name: fields.join(), unique: false, multikey: false },
  fields: fields.map((field) => field.split('.')),
  ...more,
});
const indexes = [
  index(1, ['login'], { unique: true }),
  index(2, ['roles'], { multikey: true }),
  index(3, ['age', 'name']),
  index(4, ['tags', 'kind', '_id'], { multikey: true }),
];

describe('planFilter', () => {
  const plans: readonly (readonly [filter: object, expected: string])[] = [
    [{}, 'scan'],
    [{ other: 1 }, 'scan'],
    [{ _id: 'a' }, 'ids a'],
    [{ _id: { $in: ['a', 'b', 'a', 1] }, login: 'x' }, 'ids a b'],
    [{ _id: { $gt: 'a' } }, 'scan'],
    [{ login: 'x' }, 'login 1'],
    [{ login: 'x', roles: 'y', age: 1, name: 'n' }, 'login 1'],
    [{ login: { $in: ['x', 'y', 'x'] } }, 'login 2'],
    [{ login: { $in: ['x', 'y'] }, roles: 'y' }, 'login 2'],
    [{ login: { $gt: 'x' }, roles: 'y' }, 'roles 1'],
    [{ login: { $gt: 'x', $lt: 'z' } }, 'login 1'],
    [{ login: { $ne: 'x' } }, 'scan'],
    [{ login: { $nin: ['x'] } }, 'scan'],
    [{ login: { $regex: '^x' } }, 'scan'],
    [{ login: { $exists: true } }, 'scan'],
    [{ login: ['x'] }, 'scan'],
    [{ roles: 'x' }, 'roles 1'],
    [{ roles: { $all: ['x', 'y'] } }, 'roles 1'],
    [{ roles: null }, 'scan'],
    [{ roles: { $in: ['x', null] } }, 'scan'],
    [{ age: 1 }, 'age,name 1'],
    [{ age: 1, name: { $gte: 'n' } }, 'age,name 1'],
    [{ age: 1, name: { $in: ['n', 'm'] } }, 'age,name 2'],
    [{ name: 'n' }, 'scan'],
    [{ tags: 'x', kind: 'k', _id: { $gt: 'a' } }, 'tags,kind,_id 1'],
    [{ tags: 'x', kind: { $in: ['k', 'l'] } }, 'tags,kind,_id 2'],
    [{ kind: 'k' }, 'scan'],
    [{ $and: [{ login: 'x' }, { other: 1 }] }, 'login 1'],
    [{ $or: [{ login: 'x' }, { login: 'y' }] }, 'scan'],
    [{ $nor: [{ login: 'x' }] }, 'scan'],
    [{ login: { $not: { $eq: 'x' } } }, 'scan'],
  ];
  for (const [filter, expected] of plans) {
    it(`planFilter answers ${JSON.stringify(filter)} by ${expected}`, () => {
      assert.equal(describePlan(planFilter(parseFilter(filter), indexes)), expected);
    });
  }
});

describe('planCount', () => {
  const plans: readonly (readonly [filter: object, expected: string | undefined])[] = [
    [{ login: 'x' }, 'login'],
    [{ tags: 'x' }, 'tags,kind,_id'],
    [{ tags: 'x', kind: 'k' }, 'tags,kind,_id'],
    [{ $and: [{ kind: 'k' }, { tags: { $in: ['x'] } }] }, 'tags,kind,_id'],
    [{ age: 1, name: 'n' }, 'age,name'],
    // What entries cannot tell.
    [{ age: null }, undefined],
    [{ tags: { $all: ['x', 'y'] } }, undefined],
    [{ tags: { $in: ['x', 'y'] } }, undefined],
    [{ tags: ['x'] }, undefined],
    [{ tags: 'x', _id: 'a' }, undefined],
    [{ login: { $gte: 'x' } }, undefined],
    [{ login: 'x', other: 1 }, undefined],
    [{ $or: [{ login: 'x' }] }, undefined],
    [{ other: 1 }, undefined],
    [{}, undefined],
  ];
  for (const [filter, expected] of plans) {
    it(`planCount answers ${JSON.stringify(filter)} by ${expected ?? 'documents'}`, () => {
      assert.equal(planCount(parseFilter(filter), indexes)?.index.name, expected);
    });
  }
});

describe('SQL', () => {
  it('SQL finds documents by search and never by a scan of a table', async () => {
    const host = await sqliteHost();
    const settings = host.settings();
    await using store = await open(settings);
    await store.ping();
    using database = new DatabaseSync('file' in settings ? settings.file : '', { readOnly: true });
    const details = (sql: string, ...values: (string | number | Uint8Array)[]): string =>
      database
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...values)
        .map((row) => String(row.detail))
        .join('; ');
    const key = Buffer.of(1);
    assert.match(
      details(statements.byId, 1, 'a'),
      /^SEARCH documents USING INDEX .*collection=\? AND id=\?/,
    );
    for (const direction of [1, -1] as const) {
      const scan = details(statements.scan[direction], 1, 'a', 1);
      assert.match(scan, /^SEARCH documents USING INDEX .*\(collection=\? AND id[<>]\?\)$/);
      const range = details(statements.range[direction], 1, key, 1, key, 1);
      assert.match(range, /SEARCH e USING PRIMARY KEY \(index_id=\? AND .*key/);
      assert.match(range, /SEARCH d USING INTEGER PRIMARY KEY/);
      assert.doesNotMatch(`${scan} ${range}`, /SCAN|TEMP B-TREE/);
    }
    await host[Symbol.asyncDispose]();
  });
});

describe('keys', () => {
  const scalar: fc.Arbitrary<Scalar> = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.integer(),
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
    fc.date({ noInvalidDate: true }),
  );

  it('keys are in the order of the values', () => {
    fc.assert(
      fc.property(scalar, scalar, (left, right) => {
        const order = Buffer.compare(encodeKey([left]), encodeKey([right]));
        assert.equal(Math.sign(order), Math.sign(compareValues(left, right)));
      }),
    );
  });

  it('keys of several values begin as those of the first, and no other does', () => {
    fc.assert(
      fc.property(scalar, scalar, scalar, (first, second, other) => {
        const { from, until } = rangeOfPrefix([first]);
        const isIn = (values: readonly Scalar[]): boolean => {
          const key = encodeKey(values);
          return Buffer.compare(from, key) <= 0 && Buffer.compare(key, until) < 0;
        };
        assert.ok(isIn([first]) && isIn([first, second]));
        assert.equal(isIn([other, second]), compareValues(first, other) === 0);
      }),
    );
  });

  it('keys between bounds hold every value between them', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer(), (lower, upper, value) => {
        const { from, until } = rangeBetween(['p'], lower, { lower, upper });
        const key = encodeKey(['p', value]);
        const isIn = Buffer.compare(from, key) <= 0 && Buffer.compare(key, until) < 0;
        assert.equal(isIn, lower <= value && value <= upper);
      }),
    );
  });
});

function describePlan(plan: Plan): string {
  if (plan.kind === 'ids') return ['ids', ...plan.ids].join(' ');
  return plan.kind === 'scan' ? 'scan' : `${plan.index.name} ${plan.ranges.length}`;
}
