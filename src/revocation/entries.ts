/** The entries of a revocation list (RFC 5280 sections 5.1.2.6 and 5.3). */

import { DerError, derTags, readBoolean } from '../identity/der.ts';
import type { DerCursor } from './der-cursor.ts';
import { readTime } from './der-time.ts';
import { entriesMax } from './limits.ts';
import { noReason, type SerialArrays, serialBytesMax, sortSerials } from './serial-table.ts';

const what = 'list of revoked certificates';

/**
 * Reads the entries up to `end`, where the cursor then stands.
 *
 * @param mayHaveExtensions false for version 1
 */
export function readEntries(
  cursor: DerCursor,
  end: number,
  mayHaveExtensions: boolean,
): SerialArrays {
  const count = countEntries(cursor, end);
  const width = serialBytesMax;
  const serials = new Uint8Array(count * width);
  const times = new Float64Array(count);
  const reasons = new Uint8Array(count).fill(noReason);
  for (let index = 0; index < count; index += 1) {
    const entryEnd = cursor.enter(derTags.sequence, end, what);
    readSerial(cursor, entryEnd, serials, (index + 1) * width);
    times[index] = readTime(cursor, entryEnd, 'date of revocation');
    if (cursor.offset < entryEnd && mayHaveExtensions) {
      reasons[index] = readExtensions(cursor, entryEnd);
    }
    cursor.finish(entryEnd, what);
  }
  return sortSerials({ width, serials, times, reasons });
}

/** Made anew each time, because a thread gives its arrays away. */
export function noEntries(): SerialArrays {
  const [serials, times, reasons] = [new Uint8Array(), new Float64Array(), new Uint8Array()];
  return { width: 1, serials, times, reasons };
}

/** Walks over the entries, so that nothing is made for a list that has too many. */
function countEntries(cursor: DerCursor, end: number): number {
  const start = cursor.offset;
  let count = 0;
  while (cursor.offset < end) {
    cursor.offset = cursor.enter(derTags.sequence, end, what);
    count += 1;
    if (count > entriesMax) throw new DerError(`it has more than ${entriesMax} entries`);
  }
  // Section 5.1.2.6: a list of nobody is left out.
  if (count === 0) throw new DerError(`its ${what} is empty`);
  cursor.offset = start;
  return count;
}

/** Writes the serial number into `target`, so that it ends at `targetEnd`. */
function readSerial(cursor: DerCursor, end: number, target: Uint8Array, targetEnd: number): void {
  const stop = cursor.enter(derTags.integer, end, 'serial number');
  const { bytes, offset } = cursor;
  cursor.offset = stop;
  const first = bytes[offset] ?? 0;
  if (stop === offset) throw new DerError('its serial number is empty');
  if (first >= 0x80) throw new DerError('a serial number on it is negative');
  const isPadded = first === 0 && stop - offset > 1;
  if (isPadded && (bytes[offset + 1] ?? 0) < 0x80) {
    throw new DerError('a serial number on it is not encoded as DER wants');
  }
  const start = isPadded ? offset + 1 : offset;
  if (stop - start > serialBytesMax) {
    throw new DerError(`a serial number on it is longer than ${serialBytesMax} bytes`);
  }
  for (let from = start, to = targetEnd - (stop - start); from < stop; from += 1, to += 1) {
    target[to] = bytes[from] ?? 0;
  }
}

/** Last arcs of the extensions of an entry, below 2.5.29. */
const reasonCode = 21;
const invalidityDate = 24;
const certificateIssuer = 29;

/** @returns the reason code, or {@link noReason} */
function readExtensions(cursor: DerCursor, entryEnd: number): number {
  const listEnd = cursor.enter(derTags.sequence, entryEnd, 'extensions of an entry');
  let reason = noReason;
  while (cursor.offset < listEnd) {
    const end = cursor.enter(derTags.sequence, listEnd, 'extensions of an entry');
    const arc = readArc(cursor, end);
    const isCritical = readCritical(cursor, end);
    const stop = cursor.enter(derTags.octetString, end, 'extensions of an entry');
    if (arc === certificateIssuer) {
      throw new DerError('it is an indirect list, with certificates of other CAs');
    }
    if (arc === reasonCode) reason = readReason(cursor, stop);
    else if (isCritical && arc !== invalidityDate) {
      throw new DerError('an entry has a critical extension that is not known here');
    } else cursor.offset = stop;
    cursor.finish(end, 'extensions of an entry');
  }
  return reason;
}

/** The last arc of an object identifier 2.5.29.x; undefined for all others. */
function readArc(cursor: DerCursor, end: number): number | undefined {
  const stop = cursor.enter(derTags.oid, end, 'extensions of an entry');
  const { bytes, offset } = cursor;
  cursor.offset = stop;
  const isKnown = stop - offset === 3 && bytes[offset] === 0x55 && bytes[offset + 1] === 0x1d;
  return isKnown ? bytes[offset + 2] : undefined;
}

function readCritical(cursor: DerCursor, end: number): boolean {
  if (!cursor.has(derTags.boolean, end)) return false;
  const stop = cursor.enter(derTags.boolean, end, 'extensions of an entry');
  const content = cursor.bytes.subarray(cursor.offset, stop);
  cursor.offset = stop;
  return readBoolean(content, 'extensions of an entry');
}

const enumerated = 0x0a;

function readReason(cursor: DerCursor, end: number): number {
  const stop = cursor.enter(enumerated, end, 'reason code');
  const code = cursor.bytes[cursor.offset] ?? noReason;
  if (stop - cursor.offset !== 1 || stop !== end) {
    throw new DerError('its reason code is not encoded as DER wants');
  }
  if (code === 8) throw new DerError('it takes certificates off a list, as only delta lists do');
  cursor.offset = stop;
  return code;
}
