import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Interval, nextRun, parseInterval } from '../../src/repositories/interval.ts';
import { repositoryLimits } from '../../src/repositories/limits.ts';

const now = new Date('2026-03-01T12:00:00Z');
const { schedulePeriodSecondsMin } = repositoryLimits;

function parse(text: string): Interval {
  const interval = parseInterval(text, now);
  if ('problem' in interval) throw new Error(interval.problem);
  return interval;
}

function runsOf(text: string, after: string, count: number): readonly (string | undefined)[] {
  const interval = parse(text);
  const runs: (string | undefined)[] = [];
  for (let last: Date | undefined = new Date(after); runs.length < count; ) {
    last = last && nextRun(interval, last);
    runs.push(last?.toISOString().replace('.000', ''));
  }
  return runs;
}

describe('parseInterval', () => {
  for (const [text, start, months, seconds, runs] of [
    ['2015-05-13T18:40:32Z/P1D', '2015-05-13T18:40:32Z', 0, 86_400, undefined],
    ['R3/2015-05-13T18:40:32Z/PT6H', '2015-05-13T18:40:32Z', 0, 21_600, 3],
    ['R/2015-05-13T18:40:32/P1W', '2015-05-13T18:40:32Z', 0, 604_800, undefined],
    [
      '2015-05-13T18:40:32.5+02:00/P1Y2M3DT4H5M6S',
      '2015-05-13T16:40:32.500Z',
      14,
      273_906,
      undefined,
    ],
    ['P1M', '2026-03-01T12:00:00Z', 1, 0, undefined],
    [`R1/PT${schedulePeriodSecondsMin}S`, '2026-03-01T12:00:00Z', 0, schedulePeriodSecondsMin, 1],
  ] as const) {
    it(`reads ${text}`, () => {
      assert.deepEqual(parse(text), {
        ...{ start: new Date(start), runs },
        period: { months, milliseconds: seconds * 1000 },
      });
    });
  }

  for (const [text, problem] of [
    ['', /no ISO 8601 interval/],
    ['every day', /no ISO 8601 interval/],
    ['2015-05-13T18:40:32Z', /no ISO 8601 interval/],
    ['2015-05-13T18:40:32Z/P1D/P1D', /no ISO 8601 interval/],
    ['R-1/2015-05-13T18:40:32Z/P1D', /no ISO 8601 interval/],
    ['R3/R3/P1D', /start is no date/],
    ['2015-05-13/P1D', /start is no date/],
    ['2015-02-30T00:00:00Z/P1D', /start is no date/],
    ['2015-05-13T25:00:00Z/P1D', /start is no date/],
    ['2015-05-13T18:40:32Z/P', /no ISO 8601 interval|period is none/],
    ['P1DT', /period is none/],
    ['PT1.5H', /period is none/],
    ['P-1D', /period is none/],
    ['P1D1W', /period is none/],
    ['P99999999999D', /period is none/],
    ['PT0S', /shorter than 60 seconds/],
    ['P0D', /shorter than 60 seconds/],
    [`PT${schedulePeriodSecondsMin - 1}S`, /shorter than 60 seconds/],
    ['R0/P1D', /never runs/],
  ] as const) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const interval = parseInterval(text, now);
      assert.match('problem' in interval ? interval.problem : 'none', problem);
    });
  }

  it('T69 reads a long text in no time, or refuses it', () => {
    for (const text of [
      `R${'1'.repeat(100_000)}/P1D`,
      `P${'1D'.repeat(50_000)}`,
      '/'.repeat(100_000),
    ]) {
      assert.ok('problem' in parseInterval(text, now));
    }
  });
});

describe('nextRun', () => {
  it('begins with the start, and goes on by the period', () => {
    assert.deepEqual(runsOf('2026-01-01T00:00:00Z/PT6H', '2025-12-31T00:00:00Z', 3), [
      '2026-01-01T00:00:00Z',
      '2026-01-01T06:00:00Z',
      '2026-01-01T12:00:00Z',
    ]);
    assert.deepEqual(runsOf('2026-01-01T00:00:00Z/P1D', '2026-01-05T07:00:00Z', 1), [
      '2026-01-06T00:00:00Z',
    ]);
  });

  it('counts months from the start, so that no day is lost', () => {
    assert.deepEqual(runsOf('2026-01-31T10:00:00Z/P1M', '2026-01-31T10:00:00Z', 3), [
      '2026-02-28T10:00:00Z',
      '2026-03-31T10:00:00Z',
      '2026-04-30T10:00:00Z',
    ]);
    assert.deepEqual(
      runsOf('2024-02-29T00:00:00Z/P1Y', '2024-02-29T00:00:00Z', 4).at(-1),
      '2028-02-29T00:00:00Z',
    );
  });

  it('ends where dates end', () => {
    assert.equal(nextRun(parse('P999999Y'), now), undefined);
  });

  it('is the earliest run after any moment', () => {
    const units = fc.constantFrom('P1M', 'P5M', 'P1Y', 'P1M3D', 'PT90S', 'P1DT1S', 'P1W');
    const moments = fc.date({
      min: new Date('1970-01-01'),
      max: new Date('2100-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(units, moments, moments, (period, start, after) => {
        const interval = { ...parse(period), start };
        const next = nextRun(interval, after);
        assert.ok(next !== undefined && next > after && next >= start);
        // None is between: the one that comes after a moment just before it is itself.
        assert.deepEqual(nextRun(interval, new Date(next.getTime() - 1)), next);
        if (next > start) {
          const longest = interval.period.months * 31 * 86_400_000 + interval.period.milliseconds;
          assert.ok(next.getTime() - Math.max(after.getTime(), start.getTime()) <= longest);
        }
      }),
      { numRuns: 300 },
    );
  });
});
