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

interface Serving extends Turn {
  readonly waiting: Turn[];
}

/**
 * How connections end. `closing`: each with the next response that can still say so, or when it has
 * been idle for a while. `closed`: each with the response that it is at.
 */
type Ending = 'closing' | 'closed';

export class RequestTurns {
  readonly #listener: RequestListener;
  readonly #onTooMany: (socket: Socket) => void;
  /** Whose turn it is, and what waits, for each connection on which a request is served. */
  readonly #serving = new Map<Socket, Serving>();
  #ending: Ending | undefined;

  /** @param onTooMany told of each connection that is ended for {@link pipelinedRequestsMax} */
  constructor(listener: RequestListener, onTooMany: (socket: Socket) => void) {
    this.#listener = listener;
    this.#onTooMany = onTooMany;
  }

  /** Whether a response is on its way: whatever else is written would become a part of it. */
  isServing(socket: Socket): boolean {
    return this.#serving.has(socket);
  }

  /** Whether the client of a connection has sent its request, and its response has not begun. */
  isPreparing(socket: Socket): boolean {
    const serving = this.#serving.get(socket);
    return serving?.request.complete === true && !serving.response.headersSent;
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    // The parser goes on to the end of what it has read.
    if (socket.destroyed) return;
    const serving = this.#serving.get(socket);
    if (serving === undefined) {
      this.#serve({ request, response, waiting: [] });
    } else if (serving.waiting.length < pipelinedRequestsMax) {
      serving.waiting.push({ request, response });
    } else {
      this.#onTooMany(socket);
      socket.destroy();
    }
  }

  /** Has every response that has not begun, and is the last of its connection, say that it is. */
  endConnections(): void {
    this.#ending = 'closing';
    for (const serving of this.#serving.values()) announceEnd(serving);
  }

  /** From now on each connection ends with the response that it is at, whatever that has said. */
  endNow(): void {
    this.#ending = 'closed';
  }

  #serve(serving: Serving): void {
    const { request, response } = serving;
    this.#serving.set(request.socket, serving);
    response.once('close', () => this.#ended(serving));
    if (this.#ending !== undefined) announceEnd(serving);
    this.#listener(request, response);
  }

  #ended({ request: { socket }, waiting }: Serving): void {
    const next = waiting.shift();
    // Behind a response that ends its connection nobody gets one: node:http never sends it.
    if (next !== undefined && socket.writable && this.#ending !== 'closed') {
      this.#serve({ ...next, waiting });
      return;
    }
    this.#serving.delete(socket);
    if (this.#ending === 'closed') socket.destroySoon();
  }
}

/** A client that has sent more is answered first. */
function announceEnd({ response, waiting }: Serving): void {
  if (waiting.length === 0 && !response.headersSent) response.shouldKeepAlive = false;
}
