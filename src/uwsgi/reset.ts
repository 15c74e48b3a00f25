import type { Socket } from 'node:net';

/**
 * Ends a connection as an error where the transport can say so: by RST on TCP. On a unix socket the
 * peer sees an orderly end, and only an unmet Content-Length tells it otherwise.
 */
export function resetConnection(socket: Socket): void {
  const isTcp = socket.remoteFamily !== undefined;
  if (isTcp && !socket.destroyed) socket.resetAndDestroy();
  else socket.destroy();
}
