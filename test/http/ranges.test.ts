import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type RangeSelection, selectRanges } from '../../src/http/ranges.ts';
import { fastestMs } from '../support/timing.ts';

const size = 1000;
const rangesMax = 20;

function partial(...ranges: readonly (readonly [first: number, last: number])[]): RangeSelection {
  return { kind: 'partial', ranges: ranges.map(([first, last]) => ({ first, last })) };
}

const whole: RangeSelection = { kind: 'whole' };
const unsatisfiable: RangeSelection = { kind: 'unsatisfiable' };

describe('selectRanges', () => {
  const cases: readonly (readonly [header: string | undefined, selection: RangeSelection])[] = [
    [undefined, whole],
    ['', whole],
    ['bytes=', whole],
    ['items=0-1', whole],
    ['bytes 0-1', whole],
    ['bytes=0-0', partial([0, 0])],
    ['BYTES=0-0', partial([0, 0])],
    ['bytes=0-999', partial([0, 999])],
    ['bytes=0-1000', partial([0, 999])],
    ['bytes=0-', partial([0, 999])],
    ['bytes=999-', partial([999, 999])],
    ['bytes=1000-', unsatisfiable],
    ['bytes=-1', partial([999, 999])],
    ['bytes=-1000', partial([0, 999])],
    ['bytes=-1001', partial([0, 999])],
    ['bytes=-0', unsatisfiable],
    ['bytes=0-1, 5-6', partial([0, 1], [5, 6])],
    ['bytes= 0 - 1 , 5 - 6 ', partial([0, 1], [5, 6])],
    ['bytes=5-6,0-1', partial([5, 6], [0, 1])],
    ['bytes=0-1,0-1', partial([0, 1], [0, 1])],
    ['bytes=2000-,0-1', partial([0, 1])],
    ['bytes=0-599,500-899', partial([0, 599], [500, 899])],
    ['bytes=0-599,500-900', whole],
    ['bytes=0-1,', unsatisfiable],
    ['bytes=,0-1', unsatisfiable],
    ['bytes=0-1,x', unsatisfiable],
    ['bytes=0-1;5-6', unsatisfiable],
    ['bytes=a-b', unsatisfiable],
    ['bytes=- 5', unsatisfiable],
    ['bytes=0x0-0x1', unsatisfiable],
    ['bytes=0.5-1', unsatisfiable],
    ['bytes=+1-2', unsatisfiable],
  ];
  for (const [header, selection] of cases) {
    it(`reads ${header} of ${size} bytes`, () => {
      assert.deepEqual(selectRanges(header, size, rangesMax), selection);
    });
  }

  it('T75 takes no position for another, however large or odd', () => {
    const odd: readonly (readonly [string, RangeSelection])[] = [
      ['bytes=-9223372036854775807', partial([0, 999])],
      ['bytes=-9223372036854775808', unsatisfiable],
      ['bytes=0-9223372036854775807', partial([0, 999])],
      ['bytes=0-9223372036854775808', unsatisfiable],
      ['bytes=9007199254740993-', unsatisfiable],
      ['bytes=0-1,9223372036854775808-', unsatisfiable],
      ['bytes=00000000000000000000000000001-2', partial([1, 2])],
      ['bytes=--1', unsatisfiable],
      ['bytes=1-0', unsatisfiable],
      ['bytes=1--0', unsatisfiable],
      ['bytes=-', unsatisfiable],
      ['bytes=    ', unsatisfiable],
    ];
    for (const [header, selection] of odd) {
      assert.deepEqual(selectRanges(header, size, rangesMax), selection, header);
    }
  });

  it('T76 sends an empty file whole, or says that nothing in it can be had', () => {
    assert.deepEqual(selectRanges('bytes=0-', 0, rangesMax), whole);
    assert.deepEqual(selectRanges('bytes=0-0', 0, rangesMax), whole);
    assert.deepEqual(selectRanges('bytes=-5', 0, rangesMax), whole);
    assert.deepEqual(selectRanges('bytes=1-', 0, rangesMax), unsatisfiable);
  });

  it('takes as many ranges as the limit, sends the whole for one more, and none at 0', () => {
    const header = (count: number) =>
      `bytes=${Array.from({ length: count }, (_, index) => `${index * 2}-${index * 2}`).join(',')}`;
    assert.equal(selectRanges(header(3), size, 3).kind, 'partial');
    assert.equal(selectRanges(`${header(3)},5000-`, size, 3).kind, 'partial');
    assert.equal(selectRanges(header(4), size, 3).kind, 'whole');
    assert.equal(selectRanges(header(1), size, 0).kind, 'whole');
  });

  it('T74 never selects more bytes than there are, and reads 60 kB of Range within 10 ms', () => {
    const attacks = [
      `bytes=${Array(1000).fill('0-').join(',')}`,
      `bytes=${Array(20).fill('0-').join(',')}`,
      `bytes=${'5-2,'.repeat(15_000)}0-1`,
      `bytes=0-${' '.repeat(60_000)}x`,
      `bytes=${'0'.repeat(60_000)}-x`,
      `bytes=0-${'9'.repeat(60_000)}`,
      `bytes=${' '.repeat(60_000)}`,
    ];
    for (const header of attacks) {
      const selection = selectRanges(header, size, rangesMax);
      const elapsed = fastestMs(() => selectRanges(header, size, rangesMax));
      assert.ok(elapsed < 10, `${header.slice(0, 20)}… took ${elapsed} ms`);
      assert.ok(selection.kind !== 'partial' || selection.ranges.length === 1, header.slice(0, 20));
    }
  });

  it('selects only ranges inside the file, for any header', () => {
    const spec = fc.tuple(
      fc.oneof(fc.constant(''), fc.nat(2000).map(String)),
      fc.oneof(fc.constant(''), fc.nat(2000).map(String)),
    );
    const header = fc
      .array(spec, { minLength: 1, maxLength: 6 })
      .map((specs) => `bytes=${specs.map(([from, to]) => `${from}-${to}`).join(',')}`);
    fc.assert(
      fc.property(header, fc.nat(1500), (text, bytes) => {
        const selection = selectRanges(text, bytes, rangesMax);
        if (selection.kind !== 'partial') return;
        let total = 0;
        for (const { first, last } of selection.ranges) {
          assert.ok(first >= 0 && first <= last && last < bytes);
          total += last - first + 1;
        }
        assert.ok(total <= bytes);
      }),
      { seed: 20_261_121, numRuns: 5000 },
    );
  });
});
