/** One value to compare with, as JSON writes it: dates and ids have the spelling of MongoDB's JSON. */

import { PortcullisError } from '../errors.ts';
import type { Scalar } from './document.ts';
import type { StoreLimits } from './limits.ts';
import { isObject, textProblem } from './path.ts';

/** RFC 3339 with a day alone allowed; what has no zone is UTC, as Pulp's own dates are. */
const isoDate =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/;
const objectId = /^[0-9a-f]{24}$/i;

/**
 * @param path where it stands, for the message
 * @throws PortcullisError FILTER_INVALID
 */
export function readScalar(path: string, raw: unknown, limits: StoreLimits): Scalar {
  if (raw === null || typeof raw === 'boolean') return raw;
  if (typeof raw === 'string') return readText(path, raw, limits);
  if (typeof raw === 'number' && Number.isFinite(raw)) return raw;
  if (raw instanceof Date && !Number.isNaN(raw.getTime())) return raw;
  if (isObject(raw) && Object.keys(raw).length === 1) {
    if (Object.hasOwn(raw, '$date')) return readDate(path, raw.$date);
    if (Object.hasOwn(raw, '$oid')) return readObjectId(path, raw.$oid);
  }
  throw invalid(path, 'needs a text, a number, true, false, null, {"$date": …} or {"$oid": …}');
}

function readText(path: string, text: string, limits: StoreLimits): string {
  const problem = textProblem(text);
  if (problem !== undefined) throw invalid(path, `has a text that no document has: ${problem}`);
  if (Buffer.byteLength(text) > limits.filterTextBytesMax) {
    throw invalid(path, `has a text longer than ${limits.filterTextBytesMax} bytes`);
  }
  return text;
}

/** ISO 8601, or milliseconds since 1970. */
function readDate(path: string, raw: unknown): Date {
  const parts = typeof raw === 'string' ? isoDate.exec(raw) : null;
  const [, day, time = '00:00:00', zone = 'Z'] = parts ?? [];
  const date = new Date(typeof raw === 'number' ? raw : `${day}T${time}${zone}`);
  if (Number.isNaN(date.getTime())) {
    throw invalid(path, 'has a $date that is not as "2015-05-13T18:40:32Z"');
  }
  return date;
}

/** Ids are texts in every store. */
function readObjectId(path: string, raw: unknown): string {
  if (typeof raw === 'string' && objectId.test(raw)) return raw.toLowerCase();
  throw invalid(path, 'has an $oid that is not 24 hexadecimal digits');
}

function invalid(path: string, state: string): PortcullisError {
  const place = JSON.stringify(path.slice(0, 100));
  return new PortcullisError('FILTER_INVALID', `Cannot filter: ${place} ${state}`);
}
