import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type ConditionHeaders,
  type ConditionOutcome,
  evaluateConditions,
  ifRangeHolds,
  unmodifiedSinceIsIgnored,
} from '../../src/http/conditions.ts';
import { formatHttpDate } from '../../src/http/http-date.ts';

const modified = 1_700_000_000;
const validators = { etag: '"6553f100-10"', modified };
const at = formatHttpDate(modified);
const before = formatHttpDate(modified - 1);
const after = formatHttpDate(modified + 1);
const { etag } = validators;

describe('evaluateConditions', () => {
  const cases: readonly (readonly [ConditionHeaders, ConditionOutcome])[] = [
    [{}, 'proceed'],
    [{ 'if-match': etag }, 'proceed'],
    [{ 'if-match': '*' }, 'proceed'],
    [{ 'if-match': `"x", ${etag}` }, 'proceed'],
    [{ 'if-match': '"x"' }, 'failed'],
    [{ 'if-match': '' }, 'failed'],
    [{ 'if-match': `W/${etag}` }, 'failed'],
    [{ 'if-match': '6553f100-10' }, 'failed'],
    [{ 'if-unmodified-since': at }, 'proceed'],
    [{ 'if-unmodified-since': after }, 'proceed'],
    [{ 'if-unmodified-since': before }, 'failed'],
    [{ 'if-unmodified-since': 'yesterday' }, 'proceed'],
    [{ 'if-match': etag, 'if-unmodified-since': before }, 'proceed'],
    [{ 'if-none-match': etag }, 'not-modified'],
    [{ 'if-none-match': `W/${etag}` }, 'not-modified'],
    [{ 'if-none-match': `"x",W/"y" , ${etag}` }, 'not-modified'],
    [{ 'if-none-match': '*' }, 'not-modified'],
    [{ 'if-none-match': '"x"' }, 'proceed'],
    [{ 'if-none-match': '"0"' }, 'proceed'],
    [{ 'if-none-match': '"x"', 'if-modified-since': at }, 'proceed'],
    [{ 'if-none-match': etag, 'if-modified-since': before }, 'not-modified'],
    [{ 'if-modified-since': at }, 'not-modified'],
    [{ 'if-modified-since': after }, 'not-modified'],
    [{ 'if-modified-since': before }, 'proceed'],
    [{ 'if-modified-since': 'yesterday' }, 'proceed'],
    [{ 'if-match': '"x"', 'if-none-match': etag }, 'failed'],
    [{ 'if-match': etag, 'if-none-match': etag }, 'not-modified'],
  ];
  for (const [headers, outcome] of cases) {
    it(`answers ${JSON.stringify(headers)} with ${outcome}`, () => {
      assert.equal(evaluateConditions(headers, validators), outcome);
    });
  }
});

describe('ifRangeHolds', () => {
  const cases: readonly (readonly [ifRange: string | undefined, holds: boolean])[] = [
    [undefined, true],
    [etag, true],
    [at, true],
    [`W/${etag}`, false],
    ['"x"', false],
    [before, false],
    [after, false],
    ['', false],
    ['*', false],
  ];
  for (const [ifRange, holds] of cases) {
    it(`is ${holds} for ${ifRange}`, () => assert.equal(ifRangeHolds(ifRange, validators), holds));
  }
});

describe('unmodifiedSinceIsIgnored', () => {
  it('is true beside If-Match and for what is no date, and for nothing else', () => {
    assert.equal(unmodifiedSinceIsIgnored({}), false);
    assert.equal(unmodifiedSinceIsIgnored({ 'if-match': etag }), false);
    assert.equal(unmodifiedSinceIsIgnored({ 'if-unmodified-since': before }), false);
    assert.equal(unmodifiedSinceIsIgnored({ 'if-unmodified-since': 'soon' }), true);
    assert.equal(unmodifiedSinceIsIgnored({ 'if-unmodified-since': at, 'if-match': '*' }), true);
  });
});
