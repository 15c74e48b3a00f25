/** The settings of a `time` rule, with their moments and windows worked out. */

import { parseOptionsWith } from 'portcullis/plugin';
import { z } from 'zod';
import { type Clock, openClock } from './clock.ts';
import { hasOffset, instantOf, momentPattern } from './moment.ts';

/** Minutes of a day, from `start` up to and without `end`; over midnight when `end` is not later. */
export interface Hours {
  readonly start: number;
  readonly end: number;
}

export interface TimeOptions {
  /** The first moment of access. */
  readonly from: Date | undefined;
  /** The first moment without access. */
  readonly until: Date | undefined;
  /** The days on which windows begin, 0 is Monday; all when undefined. */
  readonly weekdays: ReadonlySet<number> | undefined;
  /** All day when undefined. */
  readonly hours: readonly Hours[] | undefined;
  readonly clock: Clock;
}

export const weekdayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const weekdayNumbers: ReadonlyMap<string, number> = new Map(
  weekdayNames.map((name, weekday) => [name, weekday]),
);

const known = 'from, until, weekdays, hours and zone';
const moment = z
  .string('has to be a date or a time')
  .regex(
    momentPattern,
    'has to be a date as 2026-12-01, or a time as 2026-12-01T08:00 or 2026-12-01T08:00+01:00',
  );

const schema = z.strictObject(
  {
    from: moment.optional(),
    until: moment.optional(),
    weekdays: oneOrMore(
      'has to be a day of the week or a range of days as mon-fri, or a list of such',
      parseWeekdays,
    ),
    hours: oneOrMore(
      'has to be times of day in quotes as "08:00-18:00", or a list of such; a day ends at 24:00',
      parseHours,
    ),
    zone: z
      .string('has to be the name of a time zone')
      .refine(isZone, 'is no time zone; write it as Europe/Berlin or UTC')
      .optional(),
  },
  {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `has no setting ${JSON.stringify(keys?.[0])}; there are ${known}`
        : `has to be a map of ${known}`,
  },
);

/** @throws Error that names the setting */
export function parseOptions(raw: unknown): TimeOptions {
  const { from, until, weekdays, hours, zone } = parseOptionsWith(schema, raw);
  if (from === undefined && until === undefined && !weekdays && !hours) {
    throw new Error('it has to say when: set from, until, weekdays or hours');
  }
  const isLocal = [from, until].some((text) => text !== undefined && !hasOffset(text));
  if (zone === undefined && (weekdays || hours || isLocal)) {
    throw new Error('zone is missing: say whose clocks are meant, as Europe/Berlin or UTC');
  }
  const clock = openClock(zone ?? 'UTC');
  const options = {
    from: from === undefined ? undefined : instantOf(from, clock, 'from'),
    until: until === undefined ? undefined : instantOf(until, clock, 'until'),
    weekdays: weekdays && new Set(weekdays.flat()),
    hours,
    clock,
  };
  if (options.from && options.until && options.from >= options.until) {
    throw new Error('until has to be later than from');
  }
  return options;
}

function oneOrMore<Item>(expected: string, parse: (text: string) => Item | undefined) {
  const item = z.string(expected).transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
  const one = item.transform((value) => [value]);
  return z.union([one, z.array(item, expected).min(1, expected)], expected).optional();
}

function parseWeekdays(text: string): readonly number[] | undefined {
  const match = /^([a-z]+)(?:-([a-z]+))?$/.exec(text);
  const first = weekdayOf(match?.[1]);
  const last = match?.[2] === undefined ? first : weekdayOf(match[2]);
  if (first === undefined || last === undefined) return undefined;
  const days = 1 + ((last - first + 7) % 7);
  return Array.from({ length: days }, (_, index) => (first + index) % 7);
}

function weekdayOf(name: string | undefined): number | undefined {
  return weekdayNumbers.get(name ?? '');
}

function parseHours(text: string): Hours | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/.exec(text);
  if (match === null) return undefined;
  const start = Number(match[1]) * 60 + Number(match[2]);
  const end = match[3] === undefined ? 1440 : Number(match[3]) * 60 + Number(match[4]);
  return start === end ? undefined : { start, end };
}

function isZone(name: string): boolean {
  try {
    openClock(name);
    return true;
  } catch {
    return false;
  }
}
