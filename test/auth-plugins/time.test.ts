import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plugin } from '../../auth-plugins/time/index.ts';
import { testAuthorizer } from '../contracts/authorizer.ts';
import { accessRequest } from '../support/evidence.ts';
import { testServices } from '../support/services.ts';

const at = (text: string) => testServices('/', () => new Date(text));

testAuthorizer({
  plugin,
  options: () => ({ weekdays: ['mon-fri', 'sun'], hours: '08:00-18:00', zone: 'Europe/Berlin' }),
  services: () => at('2026-11-21T12:00:00Z'),
  wrongOptions: [
    { zone: 'UTC' },
    { from: 20261201 },
    { from: new Date() },
    { from: '2026-12-01' },
    { weekdays: 'mon' },
    { weekdays: [], zone: 'UTC' },
    { hours: [], zone: 'UTC' },
    { hours: 8, zone: 'UTC' },
    { hours: '08:00-18:00', zone: 'Europe/Atlantis' },
    { hours: '08:00-18:00', zone: '' },
  ],
});

describe('time', () => {
  const signal = new AbortController().signal;
  const decide = async (options: object, now: string) => {
    const authorizer = await plugin.create(plugin.parseOptions(options), at(now));
    return authorizer.authorize(accessRequest(), signal);
  };
  const outcomes = async (
    options: object,
    expected: readonly (readonly [now: string, outcome: 'allow' | 'deny'])[],
  ) => {
    for (const [now, outcome] of expected) {
      assert.equal((await decide(options, now)).outcome, outcome, now);
    }
  };

  it('begins with its first moment and ends before its last', async () => {
    const options = { from: '2026-12-01T08:00:30+01:00', until: '2027-01-01T00:00Z' };
    await outcomes(options, [
      ['2026-12-01T07:00:29.999Z', 'deny'],
      ['2026-12-01T07:00:30Z', 'allow'],
      ['2026-12-31T23:59:59.999Z', 'allow'],
      ['2027-01-01T00:00:00Z', 'deny'],
    ]);
    assert.deepEqual(await decide(options, '2026-01-01T00:00:00Z'), {
      outcome: 'deny',
      reason: 'access begins at 2026-12-01T07:00:30Z',
    });
    assert.deepEqual(await decide(options, '2028-01-01T00:00:00Z'), {
      outcome: 'deny',
      reason: 'access ended at 2027-01-01T00:00:00Z',
    });
  });

  it('takes dates as midnight of its time zone', async () => {
    await outcomes({ from: '2026-12-01', until: '2026-12-02', zone: 'America/New_York' }, [
      ['2026-12-01T04:59:59Z', 'deny'],
      ['2026-12-01T05:00:00Z', 'allow'],
      ['2026-12-02T04:59:59Z', 'allow'],
      ['2026-12-02T05:00:00Z', 'deny'],
    ]);
    await outcomes({ until: '2026-07-01 12:00', zone: 'Europe/Berlin' }, [
      ['2026-07-01T09:59:59Z', 'allow'],
      ['2026-07-01T10:00:00Z', 'deny'],
    ]);
  });

  it('opens on days and at times of day, to the minute', async () => {
    // 2026-11-20 is a Friday.
    const options = { weekdays: 'mon-fri', hours: '08:00-18:00', zone: 'Europe/Berlin' };
    await outcomes(options, [
      ['2026-11-20T06:59:59.999Z', 'deny'],
      ['2026-11-20T07:00:00Z', 'allow'],
      ['2026-11-20T16:59:59.999Z', 'allow'],
      ['2026-11-20T17:00:00Z', 'deny'],
      ['2026-11-21T12:00:00Z', 'deny'],
      ['2026-11-22T12:00:00Z', 'deny'],
      ['2026-11-23T12:00:00Z', 'allow'],
    ]);
    assert.deepEqual(await decide(options, '2026-11-20T18:12:00Z'), {
      outcome: 'deny',
      reason:
        'it is fri 19:12 in Europe/Berlin, and access is given on mon, tue, wed, thu, fri at 08:00-18:00',
    });
    await outcomes({ weekdays: ['sat', 'sun-mon'], zone: 'UTC' }, [
      ['2026-11-20T23:59:59Z', 'deny'],
      ['2026-11-21T00:00:00Z', 'allow'],
      ['2026-11-23T23:59:59Z', 'allow'],
      ['2026-11-24T00:00:00Z', 'deny'],
    ]);
    await outcomes({ hours: ['00:00-06:00', '20:00-24:00'], zone: 'UTC' }, [
      ['2026-11-20T05:59:59Z', 'allow'],
      ['2026-11-20T06:00:00Z', 'deny'],
      ['2026-11-20T20:00:00Z', 'allow'],
      ['2026-11-20T23:59:59Z', 'allow'],
    ]);
  });

  it('counts a window over midnight to the day on which it begins', async () => {
    await outcomes({ weekdays: 'fri', hours: '22:00-02:00', zone: 'UTC' }, [
      ['2026-11-20T01:00:00Z', 'deny'],
      ['2026-11-20T21:59:59Z', 'deny'],
      ['2026-11-20T22:00:00Z', 'allow'],
      ['2026-11-21T01:59:59Z', 'allow'],
      ['2026-11-21T02:00:00Z', 'deny'],
      ['2026-11-21T22:00:00Z', 'deny'],
    ]);
    await outcomes({ weekdays: 'sun', hours: '22:00-02:00', zone: 'UTC' }, [
      ['2026-11-23T01:59:59Z', 'allow'],
    ]);
  });

  it('follows the clocks when they are set forward and back', async () => {
    // 2026-03-29 02:00 becomes 03:00, 2026-10-25 03:00 becomes 02:00.
    const options = { hours: '02:30-03:30', zone: 'Europe/Berlin' };
    await outcomes(options, [
      ['2026-03-29T00:59:00Z', 'deny'],
      ['2026-03-29T01:00:00Z', 'allow'],
      ['2026-03-29T01:30:00Z', 'deny'],
      ['2026-10-25T00:29:00Z', 'deny'],
      ['2026-10-25T00:30:00Z', 'allow'],
      ['2026-10-25T01:00:00Z', 'deny'],
      ['2026-10-25T01:30:00Z', 'allow'],
      ['2026-10-25T02:30:00Z', 'deny'],
    ]);
  });

  it('T97 keeps its answer to the boundary and not past it, also when the clock jumps', async () => {
    let now = new Date('2026-11-20T17:59:59.000Z');
    const services = testServices('/', () => now);
    const options = { from: '2026-11-20T16:30:30Z', hours: '08:00-18:00', zone: 'UTC' };
    const authorizer = await plugin.create(plugin.parseOptions(options), services);
    for (const [time, outcome] of [
      ['2026-11-20T17:59:59.000Z', 'allow'],
      ['2026-11-20T17:59:59.999Z', 'allow'],
      ['2026-11-20T18:00:00.000Z', 'deny'],
      ['2026-11-20T17:59:59.999Z', 'allow'],
      ['2026-11-20T16:30:29.999Z', 'deny'],
      ['2026-11-20T16:30:30.000Z', 'allow'],
      ['2026-11-20T16:30:29.999Z', 'deny'],
      ['2026-11-21T08:00:00.000Z', 'allow'],
      ['2026-11-21T07:59:00.000Z', 'deny'],
    ] as const) {
      now = new Date(time);
      const decision = await authorizer.authorize(accessRequest(), signal);
      assert.equal(decision.outcome, outcome, time);
      // The memory of decisions has another clock, and looking at this one is cheaper.
      assert.equal('remember' in decision, false);
    }
  });

  it('T60 T97 fails when the clock shows no time, also after one, and lets nobody in', async () => {
    let now = new Date(Number.NaN);
    const authorizer = await plugin.create(
      plugin.parseOptions({ hours: '00:00-24:00', zone: 'UTC' }),
      testServices('/', () => now),
    );
    const decide = () => authorizer.authorize(accessRequest(), signal);
    assert.throws(decide, /the clock shows no time/);
    assert.throws(decide, /the clock shows no time/);
    now = new Date('2026-11-20T18:00:00Z');
    assert.equal((await decide()).outcome, 'allow');
    now = new Date(Number.NaN);
    assert.throws(decide, /the clock shows no time/);
  });

  it('names the setting that is wrong, and what would be right', () => {
    for (const [options, message] of [
      [{}, /^it has to say when: set from, until, weekdays or hours$/],
      [
        { day: 'mon' },
        /^it has no setting "day"; there are from, until, weekdays, hours and zone$/,
      ],
      [{ hours: '08:00-18:00' }, /^zone is missing: say whose clocks are meant/],
      [{ from: '2026-12-01T08:00' }, /^zone is missing/],
      [{ from: '1 Dec 2026' }, /^from has to be a date as 2026-12-01, or a time/],
      [{ from: '2026-12-01T8:00Z' }, /^from has to be a date/],
      [{ until: '2026-02-30T00:00Z' }, /^until is no day of the calendar or no time of day$/],
      [{ until: '2026-02-01T24:00Z' }, /^until is no day of the calendar or no time of day$/],
      [{ until: '0050-02-01T00:00Z' }, /^until is no day of the calendar/],
      [{ until: '2026-02-01T00:00+24:00' }, /^until has no offset to UTC, as \+01:00$/],
      [
        { from: '2026-12-01T00:00Z', until: '2026-12-01T01:00+01:00' },
        /^until has to be later than from$/,
      ],
      [
        { from: '2026-03-29T02:30', zone: 'Europe/Berlin' },
        /^from is a time that the clocks of Europe\/Berlin show never; write its offset/,
      ],
      [
        { from: '2026-10-25T02:30', zone: 'Europe/Berlin' },
        /^from is a time that the clocks of Europe\/Berlin show twice; write its offset/,
      ],
      [{ weekdays: 'Mon', zone: 'UTC' }, /^weekdays has to be a day of the week or a range/],
      [{ weekdays: 'mon-', zone: 'UTC' }, /^weekdays has to be/],
      [{ weekdays: 'mon-xyz', zone: 'UTC' }, /^weekdays has to be/],
      [{ weekdays: 'mon-tue-wed', zone: 'UTC' }, /^weekdays has to be/],
      [{ weekdays: ['mon', 5], zone: 'UTC' }, /^weekdays has to be/],
      [{ hours: '8:00-18:00', zone: 'UTC' }, /^hours has to be times of day in quotes/],
      [{ hours: '08:00-24:01', zone: 'UTC' }, /^hours has to be/],
      [{ hours: '24:00-08:00', zone: 'UTC' }, /^hours has to be/],
      [{ hours: '08:00-08:00', zone: 'UTC' }, /^hours has to be/],
      [{ hours: ['08:00-18:00', '25:00-26:00'], zone: 'UTC' }, /^hours has to be/],
      [
        { hours: '08:00-18:00', zone: 'Berlin' },
        /^zone is no time zone; write it as Europe\/Berlin/,
      ],
    ] as const) {
      assert.throws(() => plugin.parseOptions(options), { message });
    }
  });
});
