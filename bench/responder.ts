/**
 * The floor: a process that hands every request over without looking at it.
 *
 * Arguments: `bare` (reads no variable) or `objects` (node:http's objects over our uwsgi server), and
 * the path of its socket. Both answer with the same X-Accel-Redirect.
 */

import { createServer, type Socket } from 'node:net';
import { createUwsgiServer } from '../src/uwsgi/server.ts';
import { handedOver, listener } from './hand-over.ts';

const [kind, socketPath = ''] = process.argv.slice(2);
const answer = `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 0\r\nX-Accel-Redirect: ${handedOver}\r\n\r\n`;

if (kind === 'bare') {
  createServer(answerBare).listen({ path: socketPath, backlog: 4096 });
} else {
  await createUwsgiServer({}, listener).listen({ path: socketPath, backlog: 4096 });
}

/** Waits for as many bytes as the packet says that it has, and no more than that. */
function answerBare(socket: Socket): void {
  let received = 0;
  let expected = Number.POSITIVE_INFINITY;
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    if (received === 0 && chunk.length >= 4) expected = 4 + chunk.readUInt16LE(1);
    received += chunk.length;
    if (received >= expected) socket.end(answer);
  });
}
