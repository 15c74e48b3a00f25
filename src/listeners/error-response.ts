/** Errors as a client reads them, where no part behind the listener answers. */

import { describeServerError } from '../api-error.ts';
import { type ErrorCode, PortcullisError, toPublicError } from '../errors.ts';
import type { RunningRequest } from './running-request.ts';

/** Answers with the status and text of `code`, and nothing of what the listener had prepared. */
export function sendError(running: RunningRequest, code: ErrorCode): void {
  const { response, id, method, path: target } = running;
  const { status, text } = toPublicError(new PortcullisError(code, ''));
  const asText = {
    mediaType: 'text/plain; charset=utf-8',
    body: `${status} ${text}\nRequest id: ${id}\n`,
  };
  const described = describeServerError({ status, text }, { method, target }, false);
  const { mediaType, body } = described ?? asText;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(status, text, {
    'Content-Type': mediaType,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': id,
  });
  response.end(body);
}
