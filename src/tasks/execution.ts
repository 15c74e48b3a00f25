/** One task in the hands of its worker, from its beginning until the store knows what it came to. */

import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Transform } from '../stores/change.ts';
import type { Value } from '../stores/document.ts';
import { dropArguments, readArguments } from './arguments.ts';
import { type EndReason, TaskEnd, type TaskKind } from './kind.ts';
import type { Lease } from './lease.ts';
import { failedWith, finishedWith, keepableObject } from './outcome.ts';
import { persist } from './persist.ts';
import { Progress } from './progress.ts';
import type { TaskQueue } from './queue.ts';
import type { Arguments, TaskRecord } from './record.ts';
import { runningTask } from './running-task.ts';
import { timeText } from './time-text.ts';
import type { TaskTiming } from './timing.ts';
import { ended, givenBack, type Outcome, progressed, released, workerDied } from './transitions.ts';

export interface ExecutionParts {
  readonly queue: TaskQueue;
  readonly lease: Lease;
  readonly timing: TaskTiming;
  readonly log: Logger;
  readonly now: () => Date;
  /** Aborted when the runner ends and waits for the store no longer. */
  readonly abandoned: AbortSignal;
}

export class Execution {
  readonly claim: string;
  readonly record: TaskRecord;
  readonly #kind: TaskKind;
  readonly #parts: ExecutionParts;
  readonly #log: Logger;
  readonly #controller = new AbortController();
  readonly #progress: Progress;
  #reason: EndReason | undefined;
  #cancelTimer: NodeJS.Timeout | undefined;
  #canceling: Promise<unknown> = Promise.resolve();
  /** Since it was shown as canceled before it ended. */
  #keepsResources = false;
  #hasReturned = false;

  /** @param record as it was begun */
  constructor(record: TaskRecord, claim: string, kind: TaskKind, parts: ExecutionParts) {
    this.record = record;
    this.claim = claim;
    this.#kind = kind;
    this.#parts = parts;
    this.#log = parts.log.child({ task: record.task_id, taskType: record.task_type });
    this.#progress = new Progress(
      (report) => this.#change(progressed(claim, report)),
      parts.timing.progressMilliseconds,
    );
  }

  /** Tells it to end. A reason that was given first stays, but for a loss, after which nothing counts. */
  end(reason: EndReason): void {
    if (this.#hasReturned || this.#reason === reason) return;
    const isFirst = this.#reason === undefined;
    if (isFirst || reason === 'loss' || reason === 'cancel') this.#reason = reason;
    if (reason === 'cancel') this.#limitCancel();
    this.#controller.abort(new TaskEnd(reason));
  }

  /** Resolves when the store knows what it came to, or nobody waits for that any more. */
  async run(): Promise<void> {
    const outcome = await this.#work();
    this.#hasReturned = true;
    clearTimeout(this.#cancelTimer);
    const progress = await this.#progress.close();
    await this.#canceling;
    if (this.#reason === 'loss') return;
    try {
      await this.#settle(outcome, progress);
    } catch (error) {
      // Its worker's lease goes with it, so that others settle it.
      this.#log.error('Cannot record the end of a task', { reason: messageOf(error) });
    }
  }

  /** @returns undefined when it was told to end and did not come to its own end */
  async #work(): Promise<Outcome | undefined> {
    const { store, limits } = this.#parts.queue;
    const { resultBytesMax } = limits;
    const { signal } = this.#controller;
    try {
      const given = await persist(() => readArguments(store, this.record), signal);
      const result: Value | undefined = await this.#kind.run(
        runningTask({
          ...this.#parts,
          record: this.record,
          claim: this.claim,
          arguments: given,
          signal,
          log: this.#log,
          report: (report) => this.#report(report),
        }),
      );
      return finishedWith(result, resultBytesMax);
    } catch (error) {
      if (this.#reason !== undefined) return undefined;
      this.#log.warn('A task failed', { reason: messageOf(error) });
      return failedWith(error, resultBytesMax);
    }
  }

  async #settle(outcome: Outcome | undefined, progress: Arguments | undefined): Promise<void> {
    const at = timeText(this.#parts.now());
    const { claim } = this;
    if (outcome === undefined && this.#reason !== 'cancel' && this.#kind.whenLost === 'retry') {
      return this.#persist(givenBack(claim, at));
    }
    const end = outcome ?? this.#toldOutcome();
    await this.#persist(ended(claim, progress === undefined ? end : { ...end, progress }, at));
    if (this.#keepsResources) await this.#persist(released(claim));
    await persist(() => dropArguments(this.#parts.queue.store, this.record), this.#parts.abandoned);
  }

  #toldOutcome(): Outcome {
    return this.#reason === 'cancel'
      ? { state: 'canceled' }
      : { state: 'error', error: workerDied(this.record) };
  }

  #limitCancel(): void {
    this.#cancelTimer ??= setTimeout(() => {
      this.#log.warn('A task that was cancelled does not end, and keeps its resources');
      const at = timeText(this.#parts.now());
      const end = ended(this.claim, { state: 'canceled' }, at, true);
      this.#keepsResources = true;
      // The store may be away; then its end is recorded when it comes.
      this.#canceling = this.#change(end).catch(() => {});
    }, this.#parts.timing.cancelMilliseconds);
  }

  #report(report: Arguments): void {
    const { progressBytesMax } = this.#parts.queue.limits;
    const kept = keepableObject(report, progressBytesMax);
    if (kept !== undefined) this.#progress.report(kept);
    else this.#log.warn('A progress report is left out: it is too large, or no store keeps it');
  }

  async #change(change: Transform): Promise<void> {
    await this.#parts.queue.store.update('tasks', this.record._id, change);
  }

  #persist(change: Transform): Promise<void> {
    return persist(() => this.#change(change), this.#parts.abandoned);
  }
}
