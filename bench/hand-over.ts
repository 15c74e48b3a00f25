/** A listener that hands every request over without looking at it: what is left is our server's cost. */

import type { IncomingMessage, ServerResponse } from 'node:http';

/** The internal location of the file that every request is answered with. */
export const handedOver = '/portcullis-internal/acme/el9/!/repodata/repomd.xml';

export function listener(_request: IncomingMessage, response: ServerResponse): void {
  const headers = { 'Content-Type': 'text/xml', 'Content-Length': 0 };
  response.writeHead(200, { ...headers, 'X-Accel-Redirect': handedOver }).end();
}
