/** A request that is being served: what the log calls it, whose turn it is, and its early end. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestIdOf } from '../front/request-id.ts';

/** The longest path of a request that is logged or reported, in characters. */
const pathCharactersMax = 512;

export class RunningRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Milliseconds of the monotonic clock. */
  readonly arrivedAt: number;
  /** From when its time limit counts: the client has sent all that it is waited for. */
  countsFrom: number;
  /** Set when its listener threw, or rejected. */
  hasFailed = false;
  /** Set when it was ended for its time limit. Whatever its listener still does reaches nobody. */
  isOverdue = false;
  /** As the client wrote it; a mount shortens `request.url`. */
  readonly #target: string;
  readonly #bytesWrittenBefore: number;
  #bytesRead = 0;
  #id: string | undefined;
  #controller: AbortController | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, now: number) {
    this.request = request;
    this.response = response;
    this.arrivedAt = now;
    this.countsFrom = now;
    this.#target = request.url ?? '';
    this.#bytesWrittenBefore = request.socket.bytesWritten;
  }

  /** By which it is found in the logs, and in an error that the client reads. */
  get id(): string {
    this.#id ??= requestIdOf(this.request);
    return this.#id;
  }

  get method(): string {
    return this.request.method ?? '';
  }

  /** Without the query, which may hold secrets. */
  get path(): string {
    const query = this.#target.indexOf('?');
    const end = query === -1 ? this.#target.length : query;
    return this.#target.slice(0, Math.min(end, pathCharactersMax));
  }

  /** Head and body of the response so far. */
  get bytesWritten(): number {
    return this.request.socket.bytesWritten - this.#bytesWrittenBefore;
  }

  /** Aborts when the request is ended for its time limit, or its client goes. Made when somebody asks for it. */
  get signal(): AbortSignal {
    this.#controller ??= this.#watchClient();
    if (this.isOverdue) this.#controller.abort(overdueReason());
    return this.#controller.signal;
  }

  /** Whether a body is on its way. */
  get isReceiving(): boolean {
    const { complete, headers } = this.request;
    if (complete) return false;
    const length = headers['content-length'];
    return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
  }

  /** Whether the client has sent something since this was last asked, or its listener waits for it. */
  isClientsTurn(): boolean {
    const { request } = this;
    const { bytesRead } = request.socket;
    const hasSent = bytesRead !== this.#bytesRead;
    this.#bytesRead = bytesRead;
    const isRead = request.readableFlowing !== null;
    return hasSent || (isRead && request.readableLength < request.readableHighWaterMark);
  }

  #watchClient(): AbortController {
    const controller = new AbortController();
    const { response } = this;
    const onClose = (): void => {
      if (!response.writableFinished) controller.abort(goneReason());
    };
    if (response.closed) onClose();
    else response.once('close', onClose);
    return controller;
  }

  /** Tells those who work for it that nobody waits any more. */
  abort(): void {
    this.isOverdue = true;
    this.#controller?.abort(overdueReason());
  }
}

function goneReason(): DOMException {
  return new DOMException('The client has closed its connection', 'AbortError');
}

function overdueReason(): DOMException {
  return new DOMException(
    'The request was ended for its time limit (limits.requestSeconds)',
    'TimeoutError',
  );
}
