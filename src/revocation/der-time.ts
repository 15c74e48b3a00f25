/** The times of a revocation list, read without making an object for each of a million. */

import { DerError, derTags } from '../identity/der.ts';
import type { DerCursor } from './der-cursor.ts';

/**
 * The next element as a time: UTCTime of 13 characters or GeneralizedTime of 15, both in UTC (RFC 5280
 * section 5.1.2.4).
 *
 * @returns Unix time, seconds
 */
export function readTime(cursor: DerCursor, end: number, what: string): number {
  const isShort = cursor.has(derTags.utcTime, end);
  const stop = cursor.enter(isShort ? derTags.utcTime : derTags.generalizedTime, end, what);
  const { bytes, offset } = cursor;
  cursor.offset = stop;
  if (stop - offset !== (isShort ? 13 : 15) || bytes[stop - 1] !== 0x5a) throw noTime(what);
  const seconds = isShort
    ? readMoment(bytes, offset + 2, yearOfTwoDigits(digits(bytes, offset)))
    : readMoment(bytes, offset + 4, digits(bytes, offset) * 100 + digits(bytes, offset + 2));
  if (Number.isNaN(seconds)) throw noTime(what);
  return seconds;
}

/** Whether the next element could be a time. */
export function hasTime(cursor: DerCursor, end: number): boolean {
  return cursor.has(derTags.utcTime, end) || cursor.has(derTags.generalizedTime, end);
}

/** NaN for what is no moment of the calendar. */
function readMoment(bytes: Uint8Array, offset: number, year: number): number {
  const month = digits(bytes, offset);
  const day = digits(bytes, offset + 2);
  const hour = digits(bytes, offset + 4);
  const minute = digits(bytes, offset + 6);
  const second = digits(bytes, offset + 8);
  // Comparisons with NaN are false, and Date.UTC would take years below 100 for those of 1900.
  const isMoment =
    year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
  const isTime = hour <= 23 && minute <= 59 && second <= 59;
  if (!isMoment || !isTime) return Number.NaN;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function yearOfTwoDigits(year: number): number {
  return year < 50 ? 2000 + year : 1900 + year;
}

/** Two decimal digits; NaN when they are none. */
function digits(bytes: Uint8Array, offset: number): number {
  const tens = (bytes[offset] ?? 0) - 0x30;
  const ones = (bytes[offset + 1] ?? 0) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function noTime(what: string): DerError {
  return new DerError(`its ${what} is not a time`);
}
