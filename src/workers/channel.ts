/** The worker's side of the channel to its primary. */

import { PortcullisError } from '../errors.ts';
import { every } from './interval.ts';
import type { FromWorker, StartMessage, ToWorker, WorkerReport } from './messages.ts';

/** Time in which the primary has to say what the worker is, milliseconds. */
export const startMessageMsMax = 10_000;

/** The part of `process` that a channel uses. */
export type ChannelProcess = Pick<
  NodeJS.Process,
  'send' | 'connected' | 'disconnect' | 'on' | 'once'
>;

/**
 * What the primary says, as calls. One that comes before somebody listens is kept for the listener,
 * and a worker that has lost its primary hears of it once.
 */
export interface WorkerChannel {
  readonly start: StartMessage;
  /**
   * Says that the worker serves, and from then on every heartbeat what `report` makes.
   *
   * @param version of the worker's code
   */
  ready(addresses: readonly string[], version: string, report: () => WorkerReport): void;
  /** Says why the worker cannot start. Resolves when that is on its way, or can never be. */
  failed(reason: string, exitCode: number): Promise<void>;
  onDrain(listener: () => void): void;
  onReopenLog(listener: () => void): void;
  /** The primary is gone, or wants this worker to end within a second. */
  onOrphaned(listener: () => void): void;
  /** A last heartbeat; the channel no longer keeps the process. Nobody counts as orphaned by it. */
  close(): void;
}

/**
 * Waits for the first message of the primary.
 *
 * @param channel the process itself, unless a test says otherwise
 * @throws PortcullisError USAGE when no primary started this process, or it says nothing in time
 */
export async function openChannel(
  channel: ChannelProcess = process,
  waitMsMax = startMessageMsMax,
): Promise<WorkerChannel> {
  if (channel.send === undefined || !channel.connected) {
    throw new PortcullisError('USAGE', 'Cannot run as a worker: no primary started this process');
  }
  const { promise, resolve, reject } = Promise.withResolvers<StartMessage>();
  const told = new Told();
  const refuse = (state: string): void =>
    reject(new PortcullisError('USAGE', `Cannot run as a worker: ${state}`));
  const timer = setTimeout(() => refuse('the primary did not say what to run'), waitMsMax);
  let heard: OpenChannel | undefined;
  channel.on('message', (message: ToWorker) => {
    if (message.type === 'start') resolve(message);
    else if (message.type === 'answer') heard?.answer();
    else told.tell(message.type);
  });
  channel.once('disconnect', () => {
    refuse('the primary is gone');
    told.tell('orphaned');
  });
  try {
    heard = new OpenChannel(channel, await promise, told);
    return heard;
  } finally {
    clearTimeout(timer);
  }
}

type News = 'drain' | 'reopen-log' | 'orphaned';

/** News that waits for its listener. */
class Told {
  readonly #listeners = new Map<News, () => void>();
  readonly #waiting = new Set<News>();

  tell(news: News): void {
    const listener = this.#listeners.get(news);
    if (listener === undefined) this.#waiting.add(news);
    else listener();
  }

  listen(news: News, listener: () => void): void {
    this.#listeners.set(news, listener);
    if (this.#waiting.delete(news)) listener();
  }

  forget(news: News): void {
    this.listen(news, () => {});
  }
}

class OpenChannel implements WorkerChannel {
  readonly start: StartMessage;
  readonly #channel: ChannelProcess;
  readonly #told: Told;
  #makeReport: (() => WorkerReport) | undefined;
  #heartbeats: Disposable | undefined;
  /** A primary that does not read must not fill the memory of its workers. */
  #isHeartbeatUnsent = false;

  constructor(channel: ChannelProcess, start: StartMessage, told: Told) {
    this.#channel = channel;
    this.start = start;
    this.#told = told;
  }

  ready(addresses: readonly string[], version: string, report: () => WorkerReport): void {
    this.#makeReport = report;
    const beat = (): void => this.answer();
    this.#heartbeats = every('supervision.heartbeatSeconds', this.start.heartbeatSeconds, beat);
    this.#send({ type: 'ready', addresses, version });
    this.answer();
  }

  failed(reason: string, exitCode: number): Promise<void> {
    return new Promise((resolve) => this.#send({ type: 'failed', reason, exitCode }, resolve));
  }

  onDrain(listener: () => void): void {
    this.#told.listen('drain', listener);
  }

  onReopenLog(listener: () => void): void {
    this.#told.listen('reopen-log', listener);
  }

  onOrphaned(listener: () => void): void {
    this.#told.listen('orphaned', listener);
  }

  close(): void {
    this.answer();
    this.#heartbeats?.[Symbol.dispose]();
    this.#makeReport = undefined;
    this.#told.forget('orphaned');
    if (this.#channel.connected) this.#channel.disconnect();
  }

  /** A heartbeat, unless the last one still waits for the primary to read it. */
  answer(): void {
    if (this.#makeReport === undefined || this.#isHeartbeatUnsent) return;
    const report = this.#makeReport();
    this.#isHeartbeatUnsent = true;
    this.#send({ type: 'heartbeat', report }, () => {
      this.#isHeartbeatUnsent = false;
    });
  }

  /** A channel that closes meanwhile loses the message; `disconnect` tells of that. */
  #send(message: FromWorker, sent: () => void = () => {}): void {
    if (this.#channel.connected) this.#channel.send?.(message, sent);
    else sent();
  }
}
