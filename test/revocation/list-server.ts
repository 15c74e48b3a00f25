/** A web server of revocation lists on the loopback address. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ListServer extends AsyncDisposable {
  readonly url: string;
  /** The requests so far. */
  readonly requests: readonly IncomingMessage[];
  /** Takes the place of what answered before. */
  answer(how: (request: IncomingMessage, response: ServerResponse) => void): void;
  /** Answers with the bytes, and with 304 to whoever has them. */
  publish(list: Uint8Array): void;
}

export async function startListServer(): Promise<ListServer> {
  const requests: IncomingMessage[] = [];
  let answer = (_: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(404).end();
  };
  let published = 0;
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/acme.crl`,
    requests,
    answer: (how) => {
      answer = how;
    },
    publish: (list) => {
      published += 1;
      const etag = `"${published}"`;
      answer = (request, response) => {
        const isKnown = request.headers['if-none-match'] === etag;
        response.writeHead(isKnown ? 304 : 200, { etag });
        response.end(isKnown ? undefined : list);
      };
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
