/**
 * The floor: a process that hands every request over without looking at it.
 *
 * Arguments: `bare` (reads no variable) or `objects` (node:http's objects over our uwsgi server), and
 * the path of its socket. Both answer with the same X-Accel-Redirect.
 */

import { createServer, type Socket } from 'node:net';
import { createUwsgiServer } from '../src/uwsgi/server.ts';

const [kind, socketPath = ''] = process.argv.slice(2);
const location = '/portcullis-internal/acme/el9/!/repodata/repomd.xml';
const answer = `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 0\r\nX-Accel-Redirect: ${location}\r\n\r\n`;

if (kind === 'bare') {
  createServer(answerBare).listen({ path: socketPath, backlog: 4096 });
} else {
  const server = createUwsgiServer({}, (_request, response) => {
    const headers = { 'Content-Type': 'text/xml', 'Content-Length': 0 };
    response.writeHead(200, { ...headers, 'X-Accel-Redirect': location }).end();
  });
  await server.listen({ path: socketPath, backlog: 4096 });
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
