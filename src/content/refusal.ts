/** A request that ends without content: what the client is told, and what the log is told. */

import type { ServerResponse } from 'node:http';
import { type ErrorCode, errorDescriptors, messageOf, toPublicError } from '../errors.ts';
import type { Challenger } from '../http/challenges.ts';
import type { LogLevel } from '../log.ts';
import type { Challenge } from '../plugin.ts';

export interface Refusal {
  readonly code: ErrorCode;
  readonly status: number;
  /** For the log alone. */
  readonly reason: string;
  /** Set when credentials could change the answer. */
  readonly challenges?: readonly Challenge[];
  /** Set when this says better than the setting when to come back. */
  readonly retryAfterSeconds?: number;
  /** Where the client is sent: a path alone, so that no Host header takes part (T39b). */
  readonly location?: string;
}

type RefusalCode = {
  [Code in ErrorCode]: (typeof errorDescriptors)[Code] extends { readonly status: number }
    ? Code
    : never;
}[ErrorCode];

export function refuse(
  code: RefusalCode,
  reason: string,
  how: Pick<Refusal, 'challenges' | 'retryAfterSeconds' | 'location'> = {},
): Refusal {
  return { code, status: errorDescriptors[code].status, reason, ...how };
}

/** The refusal that an exception amounts to. */
export function refusalOf(error: unknown): Refusal {
  const { code, status } = toPublicError(error);
  return { code, status, reason: messageOf(error) };
}

/** What the log and `explain` call it. */
export function outcomeOf(refusal: Refusal): 'deny' | 'fault' | 'not-found' | 'refused' {
  switch (refusal.status) {
    case 401:
    case 403:
    case 429:
      return 'deny';
    case 301:
    case 404:
    case 414:
      return 'not-found';
    default:
      return refusal.status >= 500 ? 'fault' : 'refused';
  }
}

/** What only the operator can mend is an error in the log; what a client did is information. */
export function logLevelOf(refusal: Refusal): LogLevel {
  return refusal.status >= 500 ? 'error' : 'info';
}

export interface RefusalHeaders {
  /** The values of WWW-Authenticate. */
  readonly challenge: Challenger;
  readonly retryAfterSeconds: number;
}

/**
 * Answers with the status and the request id, and nothing of the reason (T100). A refusal is never
 * stored by a cache.
 */
export function sendRefusal(
  response: ServerResponse,
  refusal: Refusal,
  requestId: string,
  headers: RefusalHeaders,
): void {
  if (response.headersSent) {
    // Half of a file cannot be taken back: the client has to see that it is not whole.
    response.destroy();
    return;
  }
  const body = `${refusal.status} ${errorDescriptors[refusal.code].publicText}\nRequest id: ${requestId}\n`;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.statusCode = refusal.status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  for (const [name, value] of Object.entries(refusalHeadersOf(refusal, headers))) {
    response.setHeader(name, value);
  }
  response.setHeader('X-Request-Id', requestId);
  response.end(body);
}

/** The headers of a refusal that say why, and what a client or a cache may do next. */
export function refusalHeadersOf(
  { status, challenges, location, retryAfterSeconds }: Refusal,
  headers: RefusalHeaders,
): Record<string, string | readonly string[]> {
  const mayRetry = status === 503 || status === 429;
  return {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(challenges !== undefined && { 'WWW-Authenticate': headers.challenge(challenges) }),
    ...(location !== undefined && { Location: location }),
    ...(status === 405 && { Allow: 'GET, HEAD' }),
    ...(mayRetry && { 'Retry-After': String(retryAfterSeconds ?? headers.retryAfterSeconds) }),
  };
}
