/** Raw HTTP/1.1 for tests: bytes as they are written, which no polite client would send. */

import { connect, type NetConnectOpts } from 'node:net';
import { type RawAnswer, readAnswer } from './uwsgi-client.ts';

export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** GET of `target` with exactly these headers, besides Host and Connection. */
export function httpGet(
  address: NetConnectOpts,
  target: string,
  headers: HeaderPairs = [],
): Promise<RawAnswer> {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return sendHttp(
    address,
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${lines}\r\n`,
  );
}

/** Sends latin1 text as it is and reads to the end of the connection. */
export function sendHttp(address: NetConnectOpts, text: string): Promise<RawAnswer> {
  const socket = connect({ ...address, allowHalfOpen: true });
  socket.write(text, 'latin1');
  return readAnswer(socket);
}
