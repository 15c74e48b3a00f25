/**
 * What everybody may read and no distribution has: the keys that packages are verified by, the CA of the
 * front. Small texts from memory.
 */

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Allowance } from '../access/decision.ts';
import { evaluateConditions } from '../http/conditions.ts';
import { mediaTypeOf } from '../http/media-types.ts';
import type { Delivery } from './delivery.ts';
import { commonHeaders, respond } from './respond.ts';

/** Finds the text at a canonical path. */
export type OpenTexts = (path: string) => string | undefined;

/** What is here is for everybody: that is the whole decision about it. */
export const openToAll: Allowance = {
  outcome: 'allow',
  principal: undefined,
  rule: 'open to everybody',
};

export interface OpenTextRequest {
  readonly text: string;
  readonly path: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly cacheControl: string;
}

export async function deliverText(given: OpenTextRequest): Promise<Delivery> {
  const { text, path, request, response, cacheControl } = given;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
  const headers = { ...commonHeaders(cacheControl), ETag: `"${digest}"` };
  // It has no time: a condition by dates is none.
  const { 'if-match': match, 'if-none-match': noneMatch } = request.headers;
  const conditions = { 'if-match': match, 'if-none-match': noneMatch };
  const outcome = evaluateConditions(conditions, { etag: headers.ETag, modified: 0 });
  if (outcome === 'not-modified') return respond(response, 304, headers);
  if (outcome === 'failed') return respond(response, 412, { ...headers, 'Content-Length': 0 });
  const body = {
    'Content-Type': mediaTypeOf(path),
    'Content-Length': Buffer.byteLength(text),
  };
  return respond(response, 200, { ...headers, ...body }, text);
}
