/**
 * Watches the requests of all listeners of a process: counts them, and ends those whose response has
 * not begun in time. There is no timer for a request: the requests stand in the order in which their
 * time began to count, and one sweep looks at the first of them.
 */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type RequestOutcome, requestOutcomeOf } from '../metrics/labels.ts';
import type { RequestCounter } from '../metrics/worker-metrics.ts';
import { every } from '../workers/interval.ts';
import type { WorkerReport } from '../workers/messages.ts';
import { sendError } from './error-response.ts';
import { ignoreLateWork } from './late-work.ts';
import { RunningRequest } from './running-request.ts';

export interface WatchParts {
  /**
   * Time until the response begins, seconds; what the client takes to send its body does not count.
   * A request is ended at most a sweep after it: a tenth of the limit, and no more than a second.
   */
  readonly requestSeconds: number;
  readonly log: Logger;
  /** Who is told that a request has ended. */
  readonly counterOf: (running: RunningRequest) => RequestCounter;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonicNow?: () => number;
}

/** A listener that is watched. The rejection of a promise that it returns is a failed request. */
export type WatchedListener = (
  request: IncomingMessage,
  response: ServerResponse,
  running: RunningRequest,
) => unknown;

/** Turns of the event loop in which the sockets of a closed server close; two are known to do. */
const turnsMax = 10;

/** The longest time between two sweeps, in seconds. */
const sweepSecondsMax = 1;

export class RequestWatch implements Disposable {
  readonly #parts: WatchParts;
  readonly #now: () => number;
  /** Whose response has not begun, in the order of `countsFrom`; and some that began unseen. */
  readonly #waiting = new Set<RunningRequest>();
  /** Whose body is on its way. */
  readonly #receiving = new Set<RunningRequest>();
  readonly #sweeps: Disposable;
  #inFlight = 0;

  /** @throws PortcullisError CONFIG_INVALID for a time that no timer has */
  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#now = parts.monotonicNow ?? (() => performance.now());
    const seconds = Math.min(parts.requestSeconds / 10, sweepSecondsMax);
    this.#sweeps = every('limits.requestSeconds', seconds, () => this.#sweep());
  }

  /** The listener for a server. Whatever `listener` throws is answered with 500. */
  watch(listener: WatchedListener): RequestListener {
    return (request, response) => {
      const running = new RunningRequest(request, response, this.#now());
      (running.isReceiving ? this.#receiving : this.#waiting).add(running);
      this.#inFlight += 1;
      response.once('close', () => this.#ended(running));
      try {
        const result = listener(request, response, running);
        if (result instanceof Promise) {
          result.catch((error: unknown) => this.#fail(running, error));
        }
      } catch (error) {
        this.#fail(running, error);
      }
    };
  }

  /** Requests whose connection is not done with them. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Waits until the last requests are counted: sockets close a little later than their server. */
  async settle(): Promise<void> {
    for (let turn = 0; this.#inFlight > 0 && turn < turnsMax; turn += 1) await nextTurn();
  }

  /** The request whose response is overdue next. */
  oldest(): WorkerReport['oldestRequest'] {
    const now = this.#now();
    for (const running of this.#waiting) {
      if (running.response.headersSent) continue;
      const { method, path, countsFrom } = running;
      return { method, path, milliseconds: Math.round(now - countsFrom) };
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#sweeps[Symbol.dispose]();
  }

  #sweep(): void {
    const now = this.#now();
    for (const running of this.#receiving) this.#lookAtReceiving(running, now);
    for (const running of this.#waiting) {
      if (running.response.headersSent) this.#waiting.delete(running);
      else if (!this.#endIfOverdue(running, now)) return;
    }
  }

  #lookAtReceiving(running: RunningRequest, now: number): void {
    if (running.response.headersSent) {
      this.#receiving.delete(running);
    } else if (running.request.complete) {
      running.countsFrom = now;
      this.#receiving.delete(running);
      this.#waiting.add(running);
    } else if (running.isClientsTurn()) {
      running.countsFrom = now;
    } else {
      this.#endIfOverdue(running, now);
    }
  }

  #endIfOverdue(running: RunningRequest, now: number): boolean {
    const milliseconds = Math.round(now - running.countsFrom);
    if (milliseconds < this.#parts.requestSeconds * 1000) return false;
    this.#forget(running);
    const { response, id, method, path } = running;
    this.#parts.log.error('A request was ended for its time limit', {
      ...{ requestId: id, method, path, milliseconds, limit: 'limits.requestSeconds' },
    });
    sendError(running, 'REQUEST_OVERDUE');
    ignoreLateWork(response);
    running.abort();
    return true;
  }

  #fail(running: RunningRequest, error: unknown): void {
    const { response, id, method, path } = running;
    const fields = { requestId: id, method, path, reason: messageOf(error), error };
    if (running.isOverdue) {
      this.#parts.log.warn('A request failed after it had been ended', fields);
      return;
    }
    this.#parts.log.error('A request failed', fields);
    running.hasFailed = true;
    if (response.headersSent) response.destroy();
    else sendError(running, 'INTERNAL');
  }

  #ended(running: RunningRequest): void {
    this.#inFlight -= 1;
    this.#forget(running);
    const seconds = (this.#now() - running.arrivedAt) / 1000;
    this.#parts.counterOf(running).ended(outcomeOf(running), seconds, running.bytesWritten);
  }

  #forget(running: RunningRequest): void {
    if (!this.#waiting.delete(running)) this.#receiving.delete(running);
  }
}

function outcomeOf({ isOverdue, hasFailed, response }: RunningRequest): RequestOutcome {
  if (isOverdue) return 'overdue';
  if (hasFailed) return 'fault';
  return response.writableFinished ? requestOutcomeOf(response.statusCode) : 'aborted';
}
