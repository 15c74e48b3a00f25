import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCommandLine } from '../../src/admin/arguments.ts';
import { commands } from '../../src/admin/commands.ts';
import { criteriaOf } from '../../src/admin/criteria.ts';

const path = ['auth', 'user', 'search'];

function criteria(...options: readonly string[]) {
  return criteriaOf(readCommandLine(commands, [...path, ...options]).given, path);
}

describe('criteriaOf', () => {
  it('criteriaOf asks for everything without options', () => {
    assert.deepEqual(criteria(), {});
  });

  const filters: readonly (readonly [options: readonly string[], filter: object])[] = [
    [['--str-eq', 'login=a=b'], { login: 'a=b' }],
    [['--str-eq', 'login='], { login: '' }],
    [['--int-eq', 'age=-7'], { age: -7 }],
    [['--match', 'login=^a.*$'], { login: { $regex: '^a.*$' } }],
    [['--in', 'login=a,b'], { login: { $in: ['a', 'b'] } }],
    [['--not', 'login=^a'], { login: { $not: { $regex: '^a' } } }],
    [['--gt', 'age=1.5'], { age: { $gt: 1.5 } }],
    [['--gte', 'login=m'], { login: { $gte: 'm' } }],
    [['--lt', 'age=0'], { age: { $lt: 0 } }],
    [['--lte', 'age=9'], { age: { $lte: 9 } }],
    [['--str-gte', 'login=1'], { login: { $gte: '1' } }],
    [['--str-lte', 'login=9'], { login: { $lte: '9' } }],
    [
      ['--str-eq', 'a=1', '--str-eq', 'b=2', '--int-eq', 'c=3'],
      { $and: [{ a: '1' }, { b: '2' }, { c: 3 }] },
    ],
    [['--filters', '{"a": {"$ne": 1}}', '--str-eq', 'b=2'], { a: { $ne: 1 } }],
  ];
  for (const [options, expected] of filters) {
    it(`criteriaOf makes a filter of ${options.join(' ')}`, () => {
      assert.deepEqual(criteria(...options), { filters: expected });
    });
  }

  it('criteriaOf takes an order, a part, and fields', () => {
    const options = ['--sort', 'a', '--sort', 'b,descending', '--limit', '1', '--skip', '0'];
    assert.deepEqual(criteria(...options, '--fields', 'login, name'), {
      sort: [
        ['a', 'ascending'],
        ['b', 'descending'],
      ],
      limit: 1,
      skip: 0,
      fields: ['login', 'name'],
    });
  });

  const mistakes: readonly (readonly [options: readonly string[], told: RegExp])[] = [
    [['--str-eq', 'login'], /^Cannot use --str-eq "login": expected FIELD=VALUE; see /],
    [['--str-eq', '=x'], /^Cannot use --str-eq "=x": expected FIELD=VALUE; see /],
    [['--int-eq', 'age=x'], /^Cannot use --int-eq "age=x": expected FIELD=NUMBER; see /],
    [['--int-eq', 'age=1234567890123456'], /expected FIELD=NUMBER; see /],
    [['--filters', '[]'], /^Cannot use --filters: expected an object in JSON; see /],
    [['--filters', '{'], /^Cannot use --filters: expected an object in JSON; see /],
    [['--sort', 'a,up'], /^Cannot use --sort "a,up": expected FIELD, FIELD,ascending or /],
    [['--limit', '0'], /^Cannot use --limit "0": expected a number from 1; see /],
    [['--skip=-1'], /^Cannot use --skip "-1": expected a number from 0; see /],
    [['--limit', '1234567890'], /^Cannot use --limit "1234567890": expected a number from 1/],
  ];
  for (const [options, message] of mistakes) {
    it(`criteriaOf refuses ${options.join(' ')}`, () => {
      assert.throws(() => criteria(...options), { code: 'USAGE', message });
    });
  }
});
