/**
 * The requests of one connection, served one after another.
 *
 * node:http runs the listener for every pipelined request at once. A single write of 64 KiB would so
 * open over a thousand files, and those whose turn never comes would stay open for good.
 */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that may wait behind the one that is served; apt sends 10 ahead. */
export const pipelinedRequestsMax = 32;

interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export class RequestTurns {
  readonly #listener: RequestListener;
  readonly #onTooMany: (socket: Socket) => void;
  /** What waits, for each connection on which a request is served. */
  readonly #waiting = new WeakMap<Socket, Turn[]>();
  #isEnding = false;

  /** @param onTooMany told of each connection that is ended for {@link pipelinedRequestsMax} */
  constructor(listener: RequestListener, onTooMany: (socket: Socket) => void) {
    this.#listener = listener;
    this.#onTooMany = onTooMany;
  }

  /** Whether a response is on its way: whatever else is written would become a part of it. */
  isServing(socket: Socket): boolean {
    return this.#waiting.has(socket);
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    // The parser goes on to the end of what it has read.
    if (socket.destroyed) return;
    const waiting = this.#waiting.get(socket);
    if (waiting === undefined) {
      this.#waiting.set(socket, []);
      this.#serve({ request, response });
    } else if (waiting.length < pipelinedRequestsMax) {
      waiting.push({ request, response });
    } else {
      this.#onTooMany(socket);
      socket.destroy();
    }
  }

  /** From now on each connection ends with the response that it is at. */
  endConnections(): void {
    this.#isEnding = true;
  }

  #serve({ request, response }: Turn): void {
    response.once('close', () => this.#ended(request.socket));
    if (this.#isEnding) response.shouldKeepAlive = false;
    this.#listener(request, response);
  }

  #ended(socket: Socket): void {
    const next = this.#waiting.get(socket)?.shift();
    // Behind a response that ends its connection nobody gets one: node:http never sends it.
    if (next !== undefined && socket.writable && !this.#isEnding) {
      this.#serve(next);
      return;
    }
    this.#waiting.delete(socket);
    if (this.#isEnding) socket.destroySoon();
  }
}
