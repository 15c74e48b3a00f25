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
  const text = Buffer.from(content).toString('latin1');
  const match = (isShort ? shortPattern : longPattern).exec(text);
  if (match === null) return undefined;
  const [, written = '', month, day, hour, minute, second] = match;
  const year = isShort ? `${Number(written) < 50 ? 20 : 19}${written}` : written;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const date = new Date(iso);
  // Date rolls 31 June over to 1 July; a time that does not come back is none.
  return !Number.isNaN(date.getTime()) && date.toISOString() === iso ? date : undefined;
}

const shortPattern = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const longPattern = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
