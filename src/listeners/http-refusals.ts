/** What an HTTP listener refuses by itself, with the status that fits. */

import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import type { ServerRequest } from '../api-error.ts';
import { errorDescriptors } from '../errors.ts';
import type { DescribeError } from '../uwsgi/refusal.ts';

/** Bytes in which the line of a request that was not read is looked for. */
const requestLineBytesMax = 2048;

export interface RefusalOptions {
  /** Told of each request that was refused before the listener saw it. */
  readonly onRefused: (detail: string, peer: string | undefined) => void;
  /** The body of what is answered without the listener; a line of text unless given. */
  readonly describeError?: DescribeError | undefined;
  /** Whether the listener itself bounds the body, which may have any length then. */
  readonly isBodyStreamed?: ((request: ServerRequest) => boolean) | undefined;
}

/** Refuses before a byte of the body is read (T79); a listener that reads none leaves small ones. */
export function refuseLargeBodies(
  bytesMax: number,
  { onRefused, describeError, isBodyStreamed }: RefusalOptions,
  listener: RequestListener,
): RequestListener {
  return (request, response) => {
    if (!announcesMoreThan(request, bytesMax)) return listener(request, response);
    const { method = '', url: target = '' } = request;
    if (isBodyStreamed?.({ method, target })) return listener(request, response);
    const { head, body } = renderRefusal('BODY_TOO_LARGE', { method, target }, describeError);
    onRefused(`a body over ${bytesMax} bytes`, request.socket.remoteAddress);
    response.writeHead(errorDescriptors.BODY_TOO_LARGE.status, head);
    response.end(body, () => request.destroy());
  };
}

/** A chunked body does not say how long it is, so it counts as too long. */
function announcesMoreThan(request: IncomingMessage, bytes: number): boolean {
  if (request.headers['transfer-encoding'] !== undefined) return true;
  return Number(request.headers['content-length'] ?? 0) > bytes;
}

/** An error of node:http's parser, with the bytes that it was reading. */
export interface BrokenRequest extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

/** What the parser refuses gets the status that fits, as the uwsgi listener's refusals do. */
export function answerBrokenRequest(
  error: BrokenRequest,
  socket: Socket,
  describeError: DescribeError | undefined,
): void {
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
  const { head, body } = renderRefusal(code, requestLineOf(error), describeError);
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${publicText}\r\n${lines.join('')}\r\n${body}`);
}

/** Undefined unless the bytes begin with the line. */
function requestLineOf({ rawPacket }: BrokenRequest): ServerRequest | undefined {
  const text = rawPacket?.toString('latin1', 0, requestLineBytesMax) ?? '';
  const [, method = '', target = ''] = /^([A-Z]{1,32}) ([^ \r\n]+)/.exec(text) ?? [];
  return target === '' ? undefined : { method, target };
}

function renderRefusal(
  code: 'BODY_TOO_LARGE' | 'PACKET_TOO_LARGE' | 'REQUEST_TIMEOUT' | 'BAD_REQUEST',
  request: ServerRequest | undefined,
  describeError: DescribeError | undefined,
): { readonly head: Readonly<Record<string, string | number>>; readonly body: string } {
  const { status, publicText: text } = errorDescriptors[code];
  const asText = { mediaType: 'text/plain', body: `${status} ${text}\n` };
  const { mediaType, body } = describeError?.({ status, text }, request) ?? asText;
  const length = { 'Content-Length': Buffer.byteLength(body) };
  return { head: { Connection: 'close', 'Content-Type': mediaType, ...length }, body };
}
