/** One request and its response on a connection: runs the listener, feeds the body, sees the end. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type BodyDecoder, createBodyDecoder } from './body.ts';
import { readHead } from './head.ts';
import type { UwsgiLimits } from './limits.ts';
import { type DescribeError, encodeRefusal, type UwsgiRefusal } from './refusal.ts';
import { UwsgiRequest, UwsgiVariables } from './request.ts';
import { resetConnection } from './reset.ts';
import { UwsgiResponse } from './response.ts';
import type { VariableMap } from './variables.ts';

/** node:http's listener. What it returns is ignored, but for the rejection of a promise. */
export type UwsgiListener = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface ExchangeOptions {
  readonly limits: UwsgiLimits;
  readonly listener: UwsgiListener;
  readonly describeError: DescribeError;
  /** Whether the listener itself bounds the body, which may have any length then. */
  readonly isBodyStreamed: (request: {
    readonly method: string;
    readonly target: string;
  }) => boolean;
  /** Gets what the listener threw, and why a response was cut short. */
  readonly onError: (error: unknown) => void;
}

export class Exchange {
  readonly #socket: Socket;
  readonly #options: ExchangeOptions;
  readonly #body: BodyDecoder;
  readonly #request: UwsgiRequest;
  readonly #response: UwsgiResponse;

  /** @throws UwsgiRefusal */
  constructor(
    socket: Socket,
    packet: { readonly modifier1: number; readonly variables: VariableMap },
    options: ExchangeOptions,
  ) {
    const head = readHead(packet.variables, options.limits.uriBytes);
    const isStreamed = options.isBodyStreamed({ method: head.method, target: head.url });
    const bodyBytes = isStreamed ? Number.POSITIVE_INFINITY : options.limits.bodyBytes;
    this.#body = createBodyDecoder(packet.variables, bodyBytes);
    this.#socket = socket;
    this.#options = options;
    const variables = new UwsgiVariables(packet.variables, packet.modifier1);
    this.#request = new UwsgiRequest(socket, head, variables);
    this.#response = new UwsgiResponse(this.#request);
  }

  /**
   * Takes the bytes that came with the packet and runs the listener.
   *
   * @param finished called when the response is with the kernel
   * @throws UwsgiRefusal before the listener ran
   */
  start(rest: Buffer, finished: () => void): void {
    this.takeBody(rest);
    this.#response.on('finish', () => {
      if (this.#body.complete) this.#request.conclude();
      finished();
    });
    this.#response.assignSocket(this.#socket);
    this.#runListener();
  }

  get isBodyComplete(): boolean {
    return this.#body.complete;
  }

  /** Why silence on the connection is the front's doing; undefined when we wait for the listener. */
  get stall(): 'body-timeout' | 'reader-stalled' | undefined {
    if (this.#socket.writableLength > 0) return 'reader-stalled';
    return this.#request.isWaitingForBody ? 'body-timeout' : undefined;
  }

  /** @throws UwsgiRefusal */
  takeBody(chunk: Buffer): void {
    const pieces = this.#body.push(chunk);
    if (!this.#request.pushBody(pieces)) this.#socket.pause();
    if (this.#body.complete && !this.#request.complete) {
      this.#request.endBody();
      // From here on we read for the end of the connection alone.
      this.#socket.resume();
    }
  }

  drained(): void {
    this.#response.drained();
  }

  /** As node:http: a listener that handles 'timeout' decides itself what becomes of the connection. */
  timedOut(): boolean {
    const isHandledByRequest = this.#request.emit('timeout', this.#socket);
    return this.#response.emit('timeout', this.#socket) || isHandledByRequest;
  }

  /** Ends the request with an error, after the answer where none has begun. */
  refuse(refusal: UwsgiRefusal): void {
    const answer = encodeRefusal(refusal, this.#options.describeError, this.#target);
    if (!this.#response.headersSent && answer !== undefined) this.#socket.write(answer);
    this.#request.destroy(refusal);
    this.abort();
  }

  /** Ends the connection as an error if a response has begun. */
  abort(): void {
    if (this.#response.headersSent) resetConnection(this.#socket);
    else this.#socket.destroy();
  }

  /** The connection is gone: tells the request and the response. */
  closed(): void {
    const response = this.#response;
    if (response.errored) this.#options.onError(response.errored);
    if (!response.writableFinished || !this.#request.complete) {
      this.#request.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
    }
  }

  #runListener(): void {
    try {
      const result = this.#options.listener(this.#request, this.#response);
      if (result instanceof Promise) result.catch((error: unknown) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#options.onError(error);
    const response = this.#response;
    if (response.writableEnded || response.destroyed) return;
    if (response.headersSent) {
      this.abort();
      return;
    }
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    const text = 'Internal Server Error';
    const asText = { mediaType: 'text/plain', body: `${text}\n` };
    const { describeError } = this.#options;
    const { mediaType, body } = describeError({ status: 500, text }, this.#target) ?? asText;
    response.writeHead(500, text, {
      'Content-Type': mediaType,
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  }

  get #target(): { readonly method: string; readonly target: string } {
    return { method: this.#request.method ?? '', target: this.#request.url ?? '' };
  }
}
