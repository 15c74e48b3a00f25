/**
 * Conditions on what is published. The pointer moves forward and back, so that a newer date is no newer file,
 * and two publications within one second have files of one date.
 */

import type { IncomingHttpHeaders } from 'node:http';
import { parseHttpDate } from '../http/http-date.ts';
import type { PublishedPlace } from './find-served.ts';
import type { FileFacts } from './representation.ts';

const conditions = [
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
] as const;

export function isConditional(headers: IncomingHttpHeaders): boolean {
  return conditions.some((name) => headers[name] !== undefined);
}

/**
 * Without the dates that say nothing of whether a client has these bytes: If-Modified-Since counts when it is
 * the date of this file, and no date counts where other bytes have the same one.
 */
export async function withUsefulDates(
  headers: IncomingHttpHeaders,
  { modified }: FileFacts,
  published: PublishedPlace,
): Promise<IncomingHttpHeaders> {
  const since = dateIn(headers['if-modified-since']);
  const range = dateIn(headers['if-range']?.toString());
  if (since === undefined && range === undefined) return headers;
  const isAsked = since === modified || range === modified;
  const isTold = isAsked && !(await published.hasTwin());
  const useful = { ...headers };
  if (since !== undefined && !(isTold && since === modified)) delete useful['if-modified-since'];
  // An If-Range that does not hold is one for the whole file.
  if (range !== undefined && !isTold) delete useful.range;
  return useful;
}

function dateIn(header: string | undefined): number | undefined {
  return header === undefined ? undefined : parseHttpDate(header);
}
