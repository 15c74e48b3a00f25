/** The servers of node:http and node:https, with every limit set. */

import { constants } from 'node:crypto';
import {
  createServer,
  type Server as HttpServerOfNode,
  type IncomingMessage,
  type RequestListener,
  type ServerOptions,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, ListenOptions, Socket } from 'node:net';
import { errorDescriptors } from '../errors.ts';
import { pipelinedRequestsMax, RequestTurns } from './request-turns.ts';
import { readTlsIdentity, type TlsFiles } from './tls-identity.ts';

export interface HttpLimits {
  /**
   * The target and the names and values of all headers, bytes, as node:http counts them: without the
   * separators between them. A client certificate of a v1 entitlement takes up to 70 kB of it.
   */
  readonly headerBytes: number;
  /** A request body, bytes. */
  readonly bodyBytes: number;
  /** For a TLS handshake, and from the first byte of a request to the end of its headers, seconds. */
  readonly packetSeconds: number;
  /** The longest silence on a connection, seconds. */
  readonly idleSeconds: number;
  /** Time that running requests get when the server closes, seconds. */
  readonly drainSeconds: number;
}

export interface HttpServerOptions {
  readonly limits: HttpLimits;
  /** Told of each request that was refused before the listener saw it. */
  readonly onRefused: (detail: string, peer: string | undefined) => void;
}

/** HTTP with keep-alive, for a front. */
export function createHttpServer(
  options: HttpServerOptions,
  listener: RequestListener,
): HttpServer {
  return new HttpServer(createServer(settingsFor(options.limits)), options, listener);
}

/**
 * TLS without a front. Every client certificate is taken, because rules verify it, each against its
 * own CA. No session is resumed: what one handshake has proved is not carried into another (T10).
 *
 * @throws PortcullisError FILE_UNREADABLE
 */
export function createTlsServer(
  files: TlsFiles,
  options: HttpServerOptions,
  listener: RequestListener,
): HttpServer {
  const server = createHttps({
    ...settingsFor(options.limits),
    ...readTlsIdentity(files),
    ...{ requestCert: true, rejectUnauthorized: false },
    handshakeTimeout: options.limits.packetSeconds * 1000,
    ...{ minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET },
  });
  return new HttpServer(server, options, listener);
}

/** A server of node:http that listens and drains by promises. */
export class HttpServer {
  readonly #server: HttpServerOfNode;
  readonly #turns: RequestTurns;
  readonly #drainSeconds: number;

  constructor(server: HttpServerOfNode, options: HttpServerOptions, listener: RequestListener) {
    const { limits, onRefused } = options;
    this.#server = server;
    this.#drainSeconds = limits.drainSeconds;
    this.#turns = new RequestTurns(refuseLargeBodies(options, listener), (socket) => {
      const detail = `more than ${pipelinedRequestsMax} requests wait for their turn`;
      onRefused(detail, socket.remoteAddress);
    });
    server.setTimeout(limits.idleSeconds * 1000);
    server.on('request', (request, response) => this.#turns.take(request, response));
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      // A peer that only looked whether somebody listens, as health checks do, is no news.
      if (error.code !== 'ECONNRESET') onRefused(error.message, socket.remoteAddress);
      if (this.#turns.isServing(socket)) socket.destroy();
      else answerBrokenRequest(error, socket);
    });
    // node:https has made a 'clientError' of it. Without a handshake no answer ever leaves.
    server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  }

  /** @throws the system's error when it cannot */
  async listen(options: ListenOptions): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(options, resolve);
    await promise;
    this.#server.off('error', reject);
  }

  address(): AddressInfo | string | null {
    return this.#server.address();
  }

  /** Takes no new requests, lets running ones end within `drainSeconds`, then ends them. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turns.endConnections();
    this.#server.close(() => resolve());
    this.#server.closeIdleConnections();
    const limit = setTimeout(() => this.#server.closeAllConnections(), this.#drainSeconds * 1000);
    await promise;
    clearTimeout(limit);
  }
}

function settingsFor(limits: HttpLimits): ServerOptions {
  const packetMs = limits.packetSeconds * 1000;
  return {
    // node:http refuses what reaches its limit; ours is what still passes.
    maxHeaderSize: limits.headerBytes + 1,
    headersTimeout: packetMs,
    keepAliveTimeout: limits.idleSeconds * 1000,
    requestTimeout: packetMs + limits.idleSeconds * 1000,
    connectionsCheckingInterval: Math.max(100, packetMs / 2),
    noDelay: true,
  };
}

/** Refuses before a byte of the body is read (T79); a listener that reads none leaves small ones. */
function refuseLargeBodies(
  { limits, onRefused }: HttpServerOptions,
  listener: RequestListener,
): RequestListener {
  return (request, response) => {
    if (!announcesMoreThan(request, limits.bodyBytes)) return listener(request, response);
    const { status, publicText } = errorDescriptors.BODY_TOO_LARGE;
    onRefused(`a body over ${limits.bodyBytes} bytes`, request.socket.remoteAddress);
    const body = `${status} ${publicText}\n`;
    response.writeHead(status, { Connection: 'close', 'Content-Length': body.length });
    response.end(body, () => request.destroy());
  };
}

/** A chunked body does not say how long it is, so it counts as too long. */
function announcesMoreThan(request: IncomingMessage, bytes: number): boolean {
  if (request.headers['transfer-encoding'] !== undefined) return true;
  return Number(request.headers['content-length'] ?? 0) > bytes;
}

/** What the parser refuses gets the status that fits, as the uwsgi listener's refusals do. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'PACKET_TOO_LARGE'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'REQUEST_TIMEOUT'
        : 'BAD_REQUEST';
  const { status, publicText } = errorDescriptors[code];
  socket.end(`HTTP/1.1 ${status} ${publicText}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
