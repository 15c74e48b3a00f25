import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatHttpDate, parseHttpDate } from '../../src/http/http-date.ts';

/** The instant of the examples of RFC 9110 §5.6.7. */
const example = 784_111_777;

describe('parseHttpDate', () => {
  const now = new Date('2026-11-21T00:00:00Z');
  const valid: readonly (readonly [text: string, seconds: number])[] = [
    ['Sun, 06 Nov 1994 08:49:37 GMT', example],
    ['Sunday, 06-Nov-94 08:49:37 GMT', example],
    ['Sun Nov  6 08:49:37 1994', example],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Thu, 29 Feb 2024 23:59:59 GMT', 1_709_251_199],
    ['Friday, 01-Jan-76 00:00:00 GMT', Date.UTC(2076, 0, 1) / 1000],
    ['Saturday, 01-Jan-77 00:00:00 GMT', Date.UTC(1977, 0, 1) / 1000],
  ];
  for (const [text, seconds] of valid) {
    it(`reads ${text}`, () => assert.equal(parseHttpDate(text, now), seconds));
  }

  const invalid = [
    '',
    '0',
    'now',
    '784111777',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT; length=1',
  ];
  for (const text of invalid) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseHttpDate(text, now), undefined));
  }
});

describe('formatHttpDate', () => {
  it('writes IMF-fixdate', () => {
    assert.equal(formatHttpDate(example), 'Sun, 06 Nov 1994 08:49:37 GMT');
  });
});
