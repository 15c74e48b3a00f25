/**
 * What no distribution has: what everybody may read, as the keys that packages are verified by and the CA of
 * the front, and listings of parents. Small texts from memory.
 */

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Allowance } from '../access/decision.ts';
import { evaluateConditions } from '../http/conditions.ts';
import { mediaTypeOf } from '../http/media-types.ts';
import type { Delivery } from './delivery.ts';
import { commonHeaders, respond } from './respond.ts';

/** Finds the text at a canonical path. */
export type OpenTexts = (path: string) => Promise<string | undefined>;

/** What is here is for everybody: that is the whole decision about it. */
export const openToAll: Allowance = {
  outcome: 'allow',
  principal: undefined,
  rule: 'open to everybody',
};

export interface TextRequest {
  readonly text: string;
  readonly path: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly cacheControl: string;
}

export async function deliverText(given: TextRequest): Promise<Delivery> {
  const { text, request, response, cacheControl } = given;
  const headers = { ...commonHeaders(cacheControl), ETag: etagOf(text) };
  // It has no time: a condition by dates is none.
  const { 'if-match': match, 'if-none-match': noneMatch } = request.headers;
  const conditions = { 'if-match': match, 'if-none-match': noneMatch };
  const outcome = evaluateConditions(conditions, { etag: headers.ETag, modified: 0 });
  if (outcome === 'not-modified') return respond(response, 304, headers);
  if (outcome === 'failed') return respond(response, 412, { ...headers, 'Content-Length': 0 });
  return respond(response, 200, textHeaders(given), text);
}

/** Of the whole text. */
export function textHeaders({
  text,
  path,
  cacheControl,
}: Pick<TextRequest, 'text' | 'path' | 'cacheControl'>): Record<string, string> {
  return {
    ...commonHeaders(cacheControl),
    ETag: etagOf(text),
    'Content-Type': mediaTypeOf(path),
    'Content-Length': String(Buffer.byteLength(text)),
  };
}

function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('hex').slice(0, 32)}"`;
}
