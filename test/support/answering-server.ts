/** A web server on the loopback address that answers as a test tells it. */

import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface AnsweringServer extends AsyncDisposable {
  /** Without a path. */
  readonly url: string;
  /** The requests so far. */
  readonly requests: readonly ReceivedRequest[];
  /** Connections that were made so far. */
  readonly connections: () => number;
  /** Takes the place of what answered before; at first 404 to everything. */
  answer(how: Answer): void;
}

export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  body: Promise<Buffer>,
) => unknown;

export interface ReceivedRequest {
  readonly request: IncomingMessage;
  /** Resolves when it has arrived whole. */
  readonly body: Promise<Buffer>;
}

/** @param tls makes it speak TLS */
export async function startAnsweringServer(tls?: ServerOptions): Promise<AnsweringServer> {
  const requests: ReceivedRequest[] = [];
  let connections = 0;
  let answer: Answer = (_, response) => void response.writeHead(404).end();
  const listener: RequestListener = (request, response) => {
    const body = bodyOf(request);
    requests.push({ request, body });
    answer(request, response, body);
  };
  const server: Server =
    tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    answer: (how) => {
      answer = how;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    // Its client went away.
  }
  return Buffer.concat(chunks);
}
