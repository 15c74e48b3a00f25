/** The content steps behind a plain listener, without a policy in front of them. */

import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type RequestListener,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HandOff } from '../../src/config/configuration.ts';
import { deliver } from '../../src/content/deliver.ts';
import type {
  Delivery,
  DeliverySettings,
  Settle,
  Undelivered,
} from '../../src/content/delivery.ts';
import { createFinder } from '../../src/content/find.ts';
import { createResolver } from '../../src/content/resolve.ts';
import { toPublicError } from '../../src/errors.ts';
import { canonicalizePath } from '../../src/http/canonical-path.ts';
import type { Distribution } from '../../src/model.ts';
import { createUwsgiServer } from '../../src/uwsgi/server.ts';

export const contentPrefix = '/pulp/repos/';

export const contentSettings: DeliverySettings = {
  internalPrefix: '/_portcullis/',
  visibleDotNames: ['.treeinfo'],
  listingPageEntries: 100,
  rangesMax: 20,
  cacheControl: 'private, no-cache',
};

export interface ContentListener extends AsyncDisposable {
  readonly protocol: 'http' | 'uwsgi';
  readonly port: number;
  /** What was done, in order. */
  readonly deliveries: readonly (Delivery | Undelivered | { readonly error: unknown })[];
}

export interface ContentListenerOptions {
  readonly distributions: readonly Distribution[];
  readonly handOff?: HandOff;
  readonly protocol?: ContentListener['protocol'];
  readonly settings?: Partial<DeliverySettings>;
  /** What each delivery has to settle. */
  readonly settle?: Settle;
}

/** Listens on a free port of the loopback address. Every request is allowed. */
export async function startContentListener(
  options: ContentListenerOptions,
): Promise<ContentListener> {
  const settings = { ...contentSettings, ...options.settings };
  const resolve = createResolver([contentPrefix], options.distributions);
  const find = createFinder({ visibleDotNames: settings.visibleDotNames });
  const deliveries: (Delivery | Undelivered | { readonly error: unknown })[] = [];
  const listener: RequestListener = (request, response) => {
    const serve = async () => {
      const canonical = canonicalizePath(request.url ?? '');
      const resolved = canonical.ok ? resolve(canonical.path) : undefined;
      const found =
        resolved && (await find(resolved.distribution.root, resolved.pathInDistribution));
      if (!canonical.ok || !resolved || !found) {
        return response.writeHead(404, { 'Content-Length': 0 }).end();
      }
      const { path } = canonical;
      const handOff = options.handOff ?? 'stream';
      const done = await deliver({
        found,
        ...resolved,
        path,
        request,
        response,
        handOff,
        settings,
        ...(options.settle && { settle: options.settle }),
      });
      if ('refusal' in done) response.writeHead(done.refusal.status, { 'Content-Length': 0 }).end();
      return deliveries.push(done);
    };
    serve().catch((error: unknown) => {
      deliveries.push({ error });
      response.writeHead(toPublicError(error).status, { 'Content-Length': 0 }).end();
    });
  };
  const protocol = options.protocol ?? 'http';
  const server = await (protocol === 'uwsgi' ? listenUwsgi(listener) : listenHttp(listener));
  return { ...server, protocol, deliveries };
}

type Listening = AsyncDisposable & { readonly port: number };

async function listenHttp(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server.address()),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function listenUwsgi(listener: RequestListener): Promise<Listening> {
  const server = createUwsgiServer({}, listener);
  await server.listen({ host: '127.0.0.1', port: 0 });
  return { port: portOf(server.address()), [Symbol.asyncDispose]: () => server.close() };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface Fetched {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface FetchOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request with `target` on its request line, byte for byte; rejects when the answer is cut off. */
export async function fetchRaw(
  port: number,
  target: string,
  { method = 'GET', headers = {} }: FetchOptions = {},
): Promise<Fetched> {
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    method,
    headers,
    path: target,
    agent: false,
  });
  request.end();
  const [response] = await once(request, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}
