/**
 * A uwsgi server with node:http's listener: `app.callback()` of Koa, or any `(request, response)`
 * function, runs behind nginx's `uwsgi_pass`, Apache's mod_proxy_uwsgi and lighttpd's mod_scgi
 * unchanged. docs/uwsgi.md says what it accepts and where it differs from uWSGI and node:http.
 */

import {
  type AddressInfo,
  createServer,
  type ListenOptions,
  type Server,
  type Socket,
} from 'node:net';
import { Connection, type ConnectionOptions } from './connection.ts';
import { standardModifiers } from './decoder.ts';
import type { ExchangeOptions, UwsgiListener } from './exchange.ts';
import { defaultUwsgiLimits, type UwsgiLimits } from './limits.ts';
import { type AllowPeer, allowLocalPeers, peerOf } from './peers.ts';
import {
  type DescribeError,
  type RefusalReason,
  type RefusalStatus,
  UwsgiRefusal,
} from './refusal.ts';

export interface UwsgiServerOptions {
  /** Those that are not given have the defaults of {@link defaultUwsgiLimits}. */
  readonly limits?: Partial<UwsgiLimits>;
  /** Values of modifier1 served besides 0 and 30, as 5 for fronts set up for PSGI. */
  readonly modifiers?: readonly number[];
  /** Asked before a byte is read. Unix sockets and this host's own addresses unless given (T05). */
  readonly allowPeer?: AllowPeer;
  /**
   * What the end of the peer's bytes means once its request is whole. `abort`, the default: it is
   * gone; nginx never half-closes, and ends its connection so when its client is gone. `serve`: it
   * may still be reading.
   */
  readonly halfClose?: 'abort' | 'serve';
  /** The body of what is answered without the listener; a line of text unless given. */
  readonly describeError?: DescribeError;
  /** Whether the listener itself bounds the body, which may have any length then; none unless given. */
  readonly isBodyStreamed?: ExchangeOptions['isBodyStreamed'] | undefined;
  /** One call for each connection that is not served; for logs and counters. */
  readonly onRefused?: (refused: Refused) => void;
  /** What the listener threw, why a response was cut short, and what failed in accepting. */
  readonly onError?: (error: unknown) => void;
}

export interface Refused {
  readonly reason: RefusalReason;
  /** Of the answer; undefined when none was given. */
  readonly status: RefusalStatus | undefined;
  /** One sentence for the operator. Holds no value that came in the packet. */
  readonly detail: string;
  /** The peer's address, `unix`, or undefined when it was gone before it could be asked. */
  readonly peer: string | undefined;
  /** The variable to blame when a packet is too large. */
  readonly largestVariable: string | undefined;
}

export function createUwsgiServer(
  options: UwsgiServerOptions,
  listener: UwsgiListener,
): UwsgiServer {
  return new UwsgiServer(options, listener);
}

/**
 * Peers that are connected and have sent nothing yet get this long to do so when the server closes: a
 * front on a busy host may be kept from its first byte for a while.
 */
const silentGraceMs = 1000;

export class UwsgiServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: UwsgiServerOptions;
  readonly #shared: ConnectionOptions;
  readonly #connections = new Set<Connection>();
  #isUnixSocket = false;
  #accepted = 0;

  constructor(options: UwsgiServerOptions, listener: UwsgiListener) {
    this.#options = options;
    const limits = { ...defaultUwsgiLimits, ...options.limits };
    this.#shared = {
      limits,
      listener,
      decoder: {
        packetBytes: limits.packetBytes,
        packetVariables: limits.packetVariables,
        modifiers: new Set([...standardModifiers, ...(options.modifiers ?? [])]),
      },
      halfClose: options.halfClose ?? 'abort',
      describeError: options.describeError ?? (() => undefined),
      isBodyStreamed: options.isBodyStreamed ?? (() => false),
      onError: options.onError ?? (() => {}),
      onRefused: (refusal, peer) => this.#report(refusal, peer),
    };
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#accept(socket),
    );
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Connections that were ever accepted, those of peers that may not speak uwsgi here included. */
  get accepted(): number {
    return this.#accepted;
  }

  /**
   * Listens where node:net's `listen` would: `{ path }`, `{ host, port }`, `{ fd }`, with `backlog`.
   *
   * @throws the system's error when it cannot
   */
  async listen(where: ListenOptions & { readonly fd?: number }): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    // Of a descriptor node:net takes the backlog as an argument only.
    this.#server.listen(where, where.backlog, resolve);
    await promise;
    this.#server.off('error', reject);
    this.#server.on('error', this.#shared.onError);
    // A unix socket that was inherited as a descriptor has no path; a TCP socket has an address always.
    const address = this.#server.address();
    this.#isUnixSocket = address === null || typeof address === 'string';
  }

  /** The socket's path, or the TCP address; null when it does not listen. */
  address(): string | AddressInfo | null {
    return this.#server.address();
  }

  /** Accepts no more, lets running requests end for at most `drainSeconds`, then destroys them. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    const grace = setTimeout(() => this.#destroySilent(), silentGraceMs);
    const limit = setTimeout(() => this.#destroyAll(), this.#shared.limits.drainSeconds * 1000);
    await promise;
    clearTimeout(grace);
    clearTimeout(limit);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #accept(socket: Socket): void {
    this.#accepted += 1;
    const peer = peerOf(socket, this.#isUnixSocket);
    if (!this.#isAllowed(peer)) {
      socket.destroy();
      this.#report(notAllowed(), peer);
      return;
    }
    const connection = new Connection(socket, peer, this.#shared);
    this.#connections.add(connection);
    socket.on('close', () => this.#connections.delete(connection));
  }

  /** A check that fails lets nobody in. */
  #isAllowed(peer: string | undefined): peer is string {
    if (peer === undefined) return false;
    try {
      return (this.#options.allowPeer ?? allowLocalPeers)(peer);
    } catch (error) {
      this.#shared.onError(error);
      return false;
    }
  }

  #report(refusal: UwsgiRefusal, peer: string | undefined): void {
    const { reason, status, message, largestVariable } = refusal;
    this.#options.onRefused?.({ reason, status, detail: message, peer, largestVariable });
  }

  #destroySilent(): void {
    for (const connection of this.#connections) if (connection.isSilent) connection.destroy();
  }

  #destroyAll(): void {
    for (const connection of this.#connections) connection.destroy();
  }
}

function notAllowed(): UwsgiRefusal {
  return new UwsgiRefusal(
    'peer-not-allowed',
    'Cannot serve a connection: its peer is not among those that may speak uwsgi here',
  );
}
