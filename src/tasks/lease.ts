/**
 * A worker's lease: a document whose version it raises again and again. Others take the worker for dead
 * when they have seen the same version for as long as the lease lasts (watchman.ts).
 *
 * No clock is compared with that of another host. The worker counts from the moment before it sent a
 * sign; the others count from the moment after they saw it, which is later. Both count on clocks that
 * nobody sets. So the worker knows that its lease is over before anybody acts on it, as long as no clock
 * runs faster than another by more than the margin: a sixth, where real ones differ by a ten-thousandth.
 */

import { randomUUID } from 'node:crypto';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Store } from '../stores/store.ts';
import { timeText } from './time-text.ts';
import type { TaskTiming } from './timing.ts';

export interface LeaseOptions {
  readonly store: Store;
  readonly worker: string;
  readonly timing: TaskTiming;
  readonly log: Logger;
  /** For people alone: each sign is shown with its time. */
  readonly now: () => Date;
  /** There is one, at first and after each doubt. */
  readonly onSure: () => void;
  /** The store did not answer for so long that the lease may be over: whatever runs has to end. */
  readonly onDoubt: () => void;
  /** Somebody took the worker for dead, and its tasks from it. */
  readonly onLoss: (session: string) => void;
}

export class Lease {
  readonly #options: LeaseOptions;
  #session: string = randomUUID();
  #isKept = false;
  #validUntil = 0;
  #isDoubted = true;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /** What stands in the tasks of this worker. */
  get session(): string {
    return this.#session;
  }

  /** Whether nobody can have taken this worker for dead. */
  isSure(): boolean {
    return performance.now() < this.#validUntil;
  }

  start(): void {
    this.#beating = this.#beat();
  }

  /** Makes sure of it now. */
  async confirm(): Promise<boolean> {
    await this.#sign();
    return this.isSure();
  }

  /** Gives no more signs. @param isEmpty whether no task is in this worker's name any more */
  async stop(isEmpty: boolean): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#beating;
    clearTimeout(this.#timer);
    if (isEmpty && this.#isKept) {
      await this.#options.store.remove('task_sessions', this.#session).catch(() => {});
    }
  }

  async #beat(): Promise<void> {
    const begun = performance.now();
    try {
      await this.#sign();
    } catch (error) {
      this.#options.log.debug('A task worker cannot renew its lease', { reason: messageOf(error) });
    }
    this.#judge();
    if (this.#isStopped) return;
    // Twice as often in doubt: the store may be back.
    const { beatMilliseconds } = this.#options.timing;
    const pause = this.#isDoubted ? beatMilliseconds / 2 : beatMilliseconds;
    const next = Math.max(10, begun + pause - performance.now());
    this.#timer = setTimeout(() => this.start(), next);
    this.#watchEnd();
  }

  async #sign(): Promise<void> {
    const { store, worker, timing, now } = this.#options;
    const session = this.#session;
    const begun = performance.now();
    const renewedAt = timeText(now());
    if (this.#isKept) {
      const beat = { $inc: { beats: 1 }, $set: { renewedAt } };
      const { outcome } = await store.update('task_sessions', session, beat);
      if (outcome === 'missing') return this.#lose(session);
    } else {
      const lease = timing.leaseMilliseconds;
      // A duplicate is our own, whose acknowledgement was lost.
      await store.insert('task_sessions', { _id: session, worker, beats: 0, lease, renewedAt });
      this.#isKept = true;
    }
    if (session !== this.#session) return;
    const { leaseMilliseconds, marginMilliseconds } = timing;
    this.#validUntil = Math.max(this.#validUntil, begun + leaseMilliseconds - marginMilliseconds);
    this.#judge();
  }

  #lose(session: string): void {
    if (session !== this.#session) return;
    this.#session = randomUUID();
    this.#isKept = false;
    this.#validUntil = 0;
    this.#isDoubted = true;
    this.#options.log.warn('A task worker was taken for dead and begins anew');
    this.#options.onLoss(session);
  }

  /** A beat that waits for the store must not keep the end of the lease from being seen. */
  #watchEnd(): void {
    const end = this.#validUntil - performance.now();
    if (end > 0) setTimeout(() => this.#judge(), end + 1).unref();
  }

  #judge(): void {
    if (this.#isStopped) return;
    const isDoubted = !this.isSure();
    if (isDoubted && !this.#isDoubted) {
      this.#options.log.warn(
        'A task worker stops its tasks: it cannot reach the store for too long',
      );
      this.#options.onDoubt();
    }
    const isNew = !isDoubted && this.#isDoubted;
    this.#isDoubted = isDoubted;
    if (isNew) this.#options.onSure();
  }
}
