/**
 * The stats server: writes the document to whoever connects, and closes. It reads no request: what a
 * client sends is thrown away. All clients of a moment share one copy of the document.
 */

import { createServer } from 'node:net';
import { BoundedServer, type ConnectionLimits, keptFresh } from './bounded-server.ts';

export const statsServerLimits: ConnectionLimits = { connectionsMax: 64, connectionSeconds: 5 };

export interface StatsServerOptions {
  /** The document, to be written as JSON. */
  readonly document: () => unknown;
  /** Told when there is no document to send, or a connection that cannot be accepted. */
  readonly onFault: (error: unknown) => void;
  readonly limits?: ConnectionLimits;
}

export function createStatsServer(options: StatsServerOptions): BoundedServer {
  const document = keptFresh(() => Buffer.from(JSON.stringify(options.document())));
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.resume();
    try {
      socket.end(document());
    } catch (error) {
      socket.destroy();
      options.onFault(error);
    }
  });
  return new BoundedServer(server, options.limits ?? statsServerLimits, options.onFault);
}
