/** The short responses of content, and the headers that all of them have. */

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Delivery } from './delivery.ts';
import { endResponse } from './stream.ts';

/** Everything that a policy guards is for one client (T65), and is what its type says it is. */
export function commonHeaders(cacheControl: string): Record<string, string> {
  return { 'Cache-Control': cacheControl, 'X-Content-Type-Options': 'nosniff' };
}

/** Sends a head and, unless the method is HEAD, a body that is small enough to be in memory. */
export async function respond(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  body: string = '',
): Promise<Delivery> {
  const bytes = Buffer.from(body);
  response.writeHead(status, headers);
  const sent = response.req.method === 'HEAD' ? 0 : bytes.length;
  await endResponse(response, sent === 0 ? undefined : bytes);
  return { status, bytes: sent, outcome: response.writableFinished ? 'complete' : 'aborted' };
}
