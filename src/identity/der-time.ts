/** The times of certificates. */

import { derTags } from './der.ts';

/**
 * UTCTime of 13 characters or GeneralizedTime of 15, both in UTC (RFC 5280 section 4.1.2.5).
 *
 * @returns undefined for another type, another spelling, and what is no moment of the calendar
 */
export function parseTime(tag: number, content: Uint8Array): Date | undefined {
  const isShort = tag === derTags.utcTime;
  if (!isShort && tag !== derTags.generalizedTime) return undefined;
  const { length } = content;
  if (length !== (isShort ? 13 : 15) || content[length - 1] !== 0x5a) return undefined;
  const written = digitsAt(content, 0);
  const year = isShort
    ? written + (written < 50 ? 2000 : 1900)
    : written * 100 + digitsAt(content, 2);
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = [11, 9, 7, 5, 3].map((fromEnd) =>
    digitsAt(content, length - fromEnd),
  );
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  // Date rolls 31 June over to 1 July, and takes no number at all for what is no digit.
  const isMoment = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isMoment && hour < 24 && minute < 60 && second < 60 ? date : undefined;
}

/** Two decimal digits; NaN for what is none. */
function digitsAt(content: Uint8Array, at: number): number {
  const tens = (content[at] ?? 0) - 0x30;
  const ones = (content[at + 1] ?? 0) - 0x30;
  const areDigits = tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
  return areDigits ? tens * 10 + ones : Number.NaN;
}
