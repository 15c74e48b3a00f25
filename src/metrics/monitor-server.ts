/** The monitor's HTTP server: `/metrics`, `/healthz`, `/readyz`, and nothing else. */

import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { BoundedServer, type ConnectionLimits, keptFresh } from './bounded-server.ts';
import { expositionMediaType } from './exposition.ts';
import type { Health } from './health.ts';

export interface MonitorServerLimits extends ConnectionLimits {
  /** The request line and all headers, bytes. */
  readonly headerBytes: number;
  /** Time for a whole request, seconds. */
  readonly requestSeconds: number;
}

export const monitorServerLimits: MonitorServerLimits = {
  connectionsMax: 64,
  connectionSeconds: 10,
  headerBytes: 8192,
  requestSeconds: 5,
};

export interface MonitorServerOptions {
  /** The page of metrics. */
  readonly metrics: () => string;
  readonly liveness: () => Health;
  readonly readiness: () => Health;
  /** Told when a page could not be made, or a connection not be accepted. */
  readonly onFault: (error: unknown) => void;
  readonly limits?: MonitorServerLimits;
}

interface Page {
  readonly status: number;
  readonly mediaType: string;
  readonly body: string;
}

export function createMonitorServer(options: MonitorServerOptions): BoundedServer {
  const limits = options.limits ?? monitorServerLimits;
  const pages = pagesOf(options);
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.requestSeconds * 1000,
      requestTimeout: limits.requestSeconds * 1000,
      connectionsCheckingInterval: Math.min(1000, limits.requestSeconds * 500),
    },
    (request, response) => answer(pages, request, response, options.onFault),
  );
  // A connection for each request: no pipeline of requests fills the memory of the primary.
  server.maxRequestsPerSocket = 1;
  return new BoundedServer(server, limits, options.onFault);
}

type Pages = ReadonlyMap<string, () => Page>;

function pagesOf({ metrics, liveness, readiness }: MonitorServerOptions): Pages {
  return new Map([
    ['/metrics', keptFresh(() => metricsPage(metrics()))],
    ['/healthz', keptFresh(() => healthPage(liveness()))],
    ['/readyz', keptFresh(() => healthPage(readiness()))],
  ]);
}

function metricsPage(body: string): Page {
  return { status: 200, mediaType: expositionMediaType, body };
}

function healthPage(health: Health): Page {
  const body = `${JSON.stringify(health)}\n`;
  return { status: health.ok ? 200 : 503, mediaType: 'application/json', body };
}

function answer(
  pages: Pages,
  request: IncomingMessage,
  response: ServerResponse,
  onFault: (error: unknown) => void,
): void {
  const { status, mediaType, body } = pageFor(pages, request, onFault);
  if (status === 405) response.setHeader('Allow', 'GET, HEAD');
  response.writeHead(status, {
    'Content-Type': mediaType,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function pageFor(
  pages: Pages,
  { method, url = '' }: IncomingMessage,
  onFault: (error: unknown) => void,
): Page {
  const page = pages.get(url.split('?', 1)[0] ?? '');
  if (page === undefined) return plainPage(404);
  if (method !== 'GET' && method !== 'HEAD') return plainPage(405);
  try {
    return page();
  } catch (error) {
    onFault(error);
    return plainPage(500);
  }
}

function plainPage(status: number): Page {
  return { status, mediaType: 'text/plain; charset=utf-8', body: `${STATUS_CODES[status]}\n` };
}
