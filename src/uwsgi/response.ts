/**
 * The response of node:http, as a front wants it over uwsgi: one response and the end of the connection.
 *
 * - Never `Transfer-Encoding`: nginx does not decode it, the framing would become content (P8).
 * - Never 1xx: nginx takes it for the final response.
 * - Never less or more than Content-Length: a response that goes wrong ends as an error that the front
 *   can see, not as a short file.
 */

import { type IncomingMessage, type OutgoingHttpHeader, ServerResponse } from 'node:http';
import { resetConnection } from './reset.ts';

type Headers = NodeJS.Dict<OutgoingHttpHeader> | readonly OutgoingHttpHeader[];
type WriteCallback = (error: Error | null | undefined) => void;

export class UwsgiResponse extends ServerResponse {
  #needsDrain = false;
  /** Content-Length; undefined until the first body byte, and where there is none to hold to. */
  #declaredBytes: number | undefined;
  #bodyBytes = 0;
  #hasBegun = false;

  static {
    // Node's own flag is cleared by node:http's server alone. TypeScript does not let an accessor
    // override what the types declare as a property.
    Object.defineProperty(UwsgiResponse.prototype, 'writableNeedDrain', {
      get(this: UwsgiResponse): boolean {
        return this.#needsDrain && !this.destroyed && !this.writableEnded;
      },
    });
  }

  constructor(request: IncomingMessage) {
    super(request);
    this.shouldKeepAlive = false;
    // Set again for HTTP/2.0, whose minor version node:http takes for HTTP/1.0's: without it there
    // would be no automatic Content-Length.
    this.useChunkedEncodingByDefault = true;
    // From now on a body of unknown length ends with the connection.
    super.removeHeader('Transfer-Encoding');
  }

  /** Tells the listener that the front has caught up. */
  drained(): void {
    if (!this.#needsDrain) return;
    this.#needsDrain = false;
    if (!this.writableEnded) this.emit('drain');
  }

  override setHeader(name: string, value: number | string | readonly string[]): this {
    return isTransferEncoding(name) ? this : super.setHeader(name, value);
  }

  override appendHeader(name: string, value: string | readonly string[]): this {
    return isTransferEncoding(name) ? this : super.appendHeader(name, value);
  }

  /** @throws RangeError for a status below 200 */
  override writeHead(status: number, reason?: string, headers?: Headers): this;
  override writeHead(status: number, headers?: Headers): this;
  override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
    if (status < 200) {
      throw new RangeError(
        `Cannot send status ${status}: over uwsgi the first status is the final one`,
      );
    }
    const reasonPhrase = typeof reason === 'string' ? reason : undefined;
    this.#replaceHeaders(typeof reason === 'string' ? headers : (headers ?? reason));
    return reasonPhrase === undefined
      ? super.writeHead(status)
      : super.writeHead(status, reasonPhrase);
  }

  override writeContinue(callback?: () => void): void {
    if (callback !== undefined) process.nextTick(callback);
  }

  override writeProcessing(callback?: () => void): void {
    if (callback !== undefined) process.nextTick(callback);
  }

  override writeEarlyHints(_hints: Record<string, string | string[]>, callback?: () => void): void {
    if (callback !== undefined) process.nextTick(callback);
  }

  override write(chunk: unknown, callback?: WriteCallback): boolean;
  override write(chunk: unknown, encoding: BufferEncoding, callback?: WriteCallback): boolean;
  override write(
    chunk: unknown,
    encoding?: BufferEncoding | WriteCallback,
    callback?: WriteCallback,
  ): boolean {
    if (!this.#holdsLength(chunk, encoding)) return false;
    const hasRoom =
      typeof encoding === 'string'
        ? super.write(chunk, encoding, callback)
        : super.write(chunk, encoding ?? callback);
    if (!hasRoom) this.#needsDrain = true;
    return hasRoom;
  }

  override end(callback?: () => void): this;
  override end(chunk: unknown, callback?: () => void): this;
  override end(chunk: unknown, encoding: BufferEncoding, callback?: () => void): this;
  override end(
    chunk?: unknown,
    encoding?: BufferEncoding | (() => void),
    callback?: () => void,
  ): this {
    if (!this.writableEnded && !this.#holdsLength(chunk, encoding, 'last')) return this;
    return typeof encoding === 'string'
      ? super.end(chunk, encoding, callback)
      : super.end(chunk, encoding ?? callback);
  }

  /** Ends an unfinished response so that the front does not take what it has for the whole. */
  override destroy(error?: Error): this {
    if (this.headersSent && !this.writableFinished && this.socket !== null) {
      resetConnection(this.socket);
    }
    return super.destroy(error);
  }

  /** As node:http's writeHead: they take the place of what was set, repeated ones stay repeated. */
  #replaceHeaders(headers: Headers | undefined): void {
    if (headers === undefined) return;
    const pairs = toPairs(headers);
    for (const [name] of pairs) this.removeHeader(name);
    for (const [name, value] of pairs) {
      if (typeof value === 'number' || value === undefined) this.setHeader(name, value as number);
      else this.appendHeader(name, value);
    }
  }

  /** Whether the body agrees with Content-Length so far, or in the end. If not, it is over. */
  #holdsLength(chunk: unknown, encoding: unknown, place?: 'last'): boolean {
    const bytes = sizeOf(chunk, encoding);
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#declaredBytes = this.#declaredLength();
    }
    this.#bodyBytes += bytes;
    const declared = this.#declaredBytes;
    if (declared === undefined) return true;
    const holds = place === 'last' ? this.#bodyBytes === declared : this.#bodyBytes <= declared;
    if (!holds) {
      this.destroy(
        new Error(
          `Cannot send a response: its body has ${this.#bodyBytes} bytes and its Content-Length says ${declared}`,
        ),
      );
    }
    return holds;
  }

  /** Undefined where no body is sent (HEAD, 204, 304) or the length was left to us. */
  #declaredLength(): number | undefined {
    const isBodiless =
      this.req.method === 'HEAD' || this.statusCode === 204 || this.statusCode === 304;
    const length = this.getHeader('Content-Length');
    return isBodiless || length === undefined ? undefined : Number(length);
  }
}

function isTransferEncoding(name: string): boolean {
  return name.length === 17 && name.toLowerCase() === 'transfer-encoding';
}

/** node:http takes an object, a flat list `[name, value, name, value]`, and a list of pairs. */
function toPairs(headers: Headers): [string, OutgoingHttpHeader | undefined][] {
  if (!isList(headers)) return Object.entries(headers);
  const flat = Array.isArray(headers[0]) ? headers.flat() : headers;
  const pairs: [string, OutgoingHttpHeader | undefined][] = [];
  for (let index = 0; index < flat.length; index += 2) {
    pairs.push([String(flat[index]), flat[index + 1]]);
  }
  return pairs;
}

function isList(headers: Headers): headers is readonly OutgoingHttpHeader[] {
  return Array.isArray(headers);
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(
      chunk,
      typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8',
    );
  }
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}
