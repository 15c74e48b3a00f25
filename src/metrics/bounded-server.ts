/** A server whose clients hold one of a few places for a few seconds, whatever they do. */

import type { ListenOptions, Server, Socket } from 'node:net';

export interface ConnectionLimits {
  /** Connections at one time; one more is closed without an answer. */
  readonly connectionsMax: number;
  /** Time after which a connection is ended, whatever it is at, seconds. */
  readonly connectionSeconds: number;
}

/** How old a page may be, in milliseconds: however many clients ask, so often it is made. */
export const pageFreshMs = 100;

export class BoundedServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** @param onFault told what the system says of connections that it cannot accept */
  constructor(server: Server, limits: ConnectionLimits, onFault: (error: unknown) => void) {
    this.#server = server;
    server.maxConnections = limits.connectionsMax;
    server.on('connection', (socket) => this.#take(socket, limits.connectionSeconds * 1000));
    server.on('error', (error) => {
      if (server.listening) onFault(error);
    });
  }

  /** @throws the system's error when it cannot */
  async listen(options: ListenOptions): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(options, resolve);
    try {
      await promise;
    } finally {
      this.#server.off('error', reject);
    }
  }

  address(): ReturnType<Server['address']> {
    return this.#server.address();
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    for (const socket of this.#sockets) socket.destroy();
    await promise;
  }

  /** Not an idle time: a client that takes a byte now and then gets no more than the others. */
  #take(socket: Socket, milliseconds: number): void {
    this.#sockets.add(socket);
    const timer = setTimeout(() => socket.destroy(), milliseconds);
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      this.#sockets.delete(socket);
    });
  }
}

/** Makes it anew when the last one is older than {@link pageFreshMs}. */
export function keptFresh<T>(make: () => T): () => T {
  let made: { readonly value: T; readonly at: number } | undefined;
  return () => {
    const now = performance.now();
    if (made === undefined || now - made.at >= pageFreshMs) made = { value: make(), at: now };
    return made.value;
  };
}
