/** Moments as people write them: a date, or a date and a time, with or without its offset to UTC. */

import { asIfUtc, type Clock, type LocalTime } from './clock.ts';

/** As `2026-12-01`, `2026-12-01T08:00`, `2026-12-01T08:00:30+01:00` (RFC 3339) */
export const momentPattern =
  /^(?<date>\d{4}-\d\d-\d\d)(?:[T ](?<time>\d\d:\d\d(?::\d\d)?)(?<offset>Z|[+-]\d\d:\d\d)?)?$/;

/** Whether `text` says its offset to UTC, and so needs no time zone. */
export function hasOffset(text: string): boolean {
  return momentPattern.exec(text)?.groups?.offset !== undefined;
}

/**
 * @param text that {@link momentPattern} matches; a date alone is its midnight
 * @param setting whose value it is, for the error
 * @throws Error when there is no such moment, or when the clocks show it twice
 */
export function instantOf(text: string, clock: Clock, setting: string): Date {
  const { date = '', time = '00:00', offset } = momentPattern.exec(text)?.groups ?? {};
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const [hour = 0, minute = 0, second = 0] = time.split(':').map(Number);
  const local: LocalTime = { year, month, day, hour, minute, second };
  // Date reads the 30th of February as the 2nd of March.
  if (!new Date(asIfUtc(local)).toISOString().startsWith(`${date}T${time}`)) {
    throw new Error(`${setting} is no day of the calendar or no time of day`);
  }
  if (offset !== undefined) return instantAt(local, offset, setting);
  const [instant, another] = clock.instantsOf(local);
  if (instant !== undefined && another === undefined) return instant;
  const times = instant === undefined ? 'never' : 'twice';
  throw new Error(
    `${setting} is a time that the clocks of ${clock.zone} show ${times}; write its offset, as 2026-12-01T08:00+01:00`,
  );
}

function instantAt(local: LocalTime, offset: string, setting: string): Date {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(offset) ?? [];
  if (Number(hours) > 23 || Number(minutes) > 59) {
    throw new Error(`${setting} has no offset to UTC, as +01:00`);
  }
  const ahead = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * 60_000;
  return new Date(asIfUtc(local) - (sign === '-' ? -ahead : ahead));
}
