/** The servers of node:http and node:https, with every limit set. */

import { constants } from 'node:crypto';
import {
  createServer,
  type Server as HttpServerOfNode,
  type RequestListener,
  type ServerOptions,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, type ListenOptions, Server as NetServer, type Socket } from 'node:net';
import {
  answerBrokenRequest,
  type BrokenRequest,
  type RefusalOptions,
  refuseLargeBodies,
} from './http-refusals.ts';
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

export interface HttpServerOptions extends RefusalOptions {
  readonly limits: HttpLimits;
}

/** HTTP with keep-alive, for a front. */
export function createHttpServer(
  options: HttpServerOptions,
  listener: RequestListener,
): HttpServer {
  return new HttpServer(createServer(settingsFor(options)), options, listener);
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
    ...settingsFor(options),
    ...readTlsIdentity(files),
    ...{ requestCert: true, rejectUnauthorized: false },
    handshakeTimeout: options.limits.packetSeconds * 1000,
    ...{ minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET },
  });
  return new HttpServer(server, options, listener);
}

/**
 * How long an idle connection of a closing server stays open for one request more, whose response
 * then says that it is the last, milliseconds. A front that sends a request on a kept connection in
 * the moment in which it ends has to send it again elsewhere: nginx does, without counting it as a
 * try, unless the method is POST or another that must not be repeated. So the fewer end so, the better.
 */
export const keepAliveGraceMs = 1000;

/** A server of node:http that listens and drains by promises. */
export class HttpServer {
  readonly #server: HttpServerOfNode;
  readonly #sockets = new Set<Socket>();
  readonly #turns: RequestTurns;
  readonly #drainSeconds: number;
  #accepted = 0;

  constructor(server: HttpServerOfNode, options: HttpServerOptions, listener: RequestListener) {
    const { limits, onRefused, describeError } = options;
    this.#server = server;
    this.#drainSeconds = limits.drainSeconds;
    this.#turns = new RequestTurns(
      refuseLargeBodies(limits.bodyBytes, options, listener),
      (socket) => {
        const detail = `more than ${pipelinedRequestsMax} requests wait for their turn`;
        onRefused(detail, socket.remoteAddress);
      },
    );
    const idleMs = limits.idleSeconds * 1000;
    server.setTimeout(idleMs, (socket) => {
      // While we prepare a response it is not the client who is silent.
      if (this.#turns.isPreparing(socket)) socket.setTimeout(idleMs);
      else socket.destroy();
    });
    server.on('connection', (socket: Socket) => {
      this.#accepted += 1;
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (request, response) => this.#turns.take(request, response));
    server.on('clientError', (error: BrokenRequest, socket: Socket) => {
      // A peer that only looked whether somebody listens, as health checks do, is no news.
      if (error.code !== 'ECONNRESET') onRefused(error.message, socket.remoteAddress);
      if (this.#turns.isServing(socket)) socket.destroy();
      else answerBrokenRequest(error, socket, describeError);
    });
    // node:https has made a 'clientError' of it. Without a handshake no answer ever leaves.
    server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  }

  /** @throws the system's error when it cannot */
  async listen(options: ListenOptions): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    // Of a descriptor node:net takes the backlog as an argument only.
    this.#server.listen(options, options.backlog, resolve);
    await promise;
    this.#server.off('error', reject);
  }

  address(): AddressInfo | string | null {
    return this.#server.address();
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Connections that were ever accepted. */
  get accepted(): number {
    return this.#accepted;
  }

  /**
   * Accepts no more connections, and ends those that it has with the next response; idle ones after
   * {@link keepAliveGraceMs}. What still runs after `drainSeconds` is ended. The path of a unix
   * socket stays where the socket was inherited.
   */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turns.endConnections();
    // node:http's own would end idle connections at once.
    NetServer.prototype.close.call(this.#server, () => resolve());
    const grace = setTimeout(() => this.#endIdle(), keepAliveGraceMs);
    const limit = setTimeout(() => this.#server.closeAllConnections(), this.#drainSeconds * 1000);
    await promise;
    clearTimeout(grace);
    clearTimeout(limit);
    // Now for the timer by which node:http looks for slow requests.
    this.#server.close();
  }

  #endIdle(): void {
    this.#turns.endNow();
    this.#server.closeIdleConnections();
    // To node:http a connection without its first byte is one with a request on its way.
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
  }
}

function settingsFor({ limits, isBodyStreamed }: HttpServerOptions): ServerOptions {
  const packetMs = limits.packetSeconds * 1000;
  return {
    // node:http refuses what reaches its limit; ours is what still passes.
    maxHeaderSize: limits.headerBytes + 1,
    headersTimeout: packetMs,
    keepAliveTimeout: limits.idleSeconds * 1000,
    // A body of any length takes any time, as long as it comes.
    requestTimeout: isBodyStreamed === undefined ? packetMs + limits.idleSeconds * 1000 : 0,
    connectionsCheckingInterval: Math.max(100, packetMs / 2),
    noDelay: true,
  };
}
