/** What an HTTP listener refuses by itself, with the status that fits. */

import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { errorDescriptors } from '../errors.ts';

/** Refuses before a byte of the body is read (T79); a listener that reads none leaves small ones. */
export function refuseLargeBodies(
  bytesMax: number,
  onRefused: (detail: string, peer: string | undefined) => void,
  listener: RequestListener,
): RequestListener {
  return (request, response) => {
    if (!announcesMoreThan(request, bytesMax)) return listener(request, response);
    const { status, publicText } = errorDescriptors.BODY_TOO_LARGE;
    onRefused(`a body over ${bytesMax} bytes`, request.socket.remoteAddress);
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
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
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
