/** Errors as a client reads them, where no part behind the listener answers. */

import type { ServerResponse } from 'node:http';
import { type ErrorCode, PortcullisError, toPublicError } from '../errors.ts';

/** Answers with the status and text of `code`, and nothing of what the listener had prepared. */
export function sendError(response: ServerResponse, code: ErrorCode, requestId: string): void {
  const { status, text } = toPublicError(new PortcullisError(code, ''));
  const body = `${status} ${text}\nRequest id: ${requestId}\n`;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(status, text, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': requestId,
  });
  response.end(body);
}
