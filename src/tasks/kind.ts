/** What a runner can do: for each kind of task a function, and what becomes of one that is lost. */

import type { Logger } from '../log.ts';
import type { Value } from '../stores/document.ts';
import type { Submission } from './queue.ts';
import type { Arguments, WhenLost } from './record.ts';
import type { Task } from './task.ts';

export type { WhenLost } from './record.ts';

export interface TaskKind {
  /**
   * When the worker of a task dies or is stopped: `retry` does the whole of it again, so it has to
   * come to the same when a part was done before; `fail` ends it.
   */
  readonly whenLost: WhenLost;
  /** How often a task is begun at most when its workers die; then it fails. */
  readonly attemptsMax?: number;
  /** @returns the result; undefined is null. What it throws ends the task, see {@link TaskFailure} */
  readonly run: (task: RunningTask) => Promise<Value | undefined>;
}

export interface RunningTask {
  readonly taskId: string;
  readonly name: string;
  readonly arguments: Arguments;
  readonly tags: readonly string[];
  /** 1 for the first. */
  readonly attempt: number;
  /**
   * Aborted when the task is cancelled, its worker is stopped, or its lease ends. Then nothing may be
   * changed any more, and the function has to end within a named time. {@link isCanceled} tells the first
   * of them from the others.
   */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Shows how far it is; the last of those that come in quick succession is kept. */
  progress(report: Readonly<Record<string, Value>>): void;
  /**
   * Submits a task. The same submission again, as by the next attempt, is the same task. It must not
   * be waited for where it needs a resource of this one.
   *
   * @throws TaskFailure when the queue is full
   */
  spawn(submission: Omit<Submission, 'taskId'>): Promise<Task>;
  /**
   * Makes sure that the task is still this worker's: to be called before a step that cannot be done
   * twice or undone.
   *
   * @throws when it is not, or when that cannot be known
   */
  confirm(): Promise<void>;
}

/** What the signal of a task is aborted with. */
export class TaskEnd extends Error {
  override readonly name = 'TaskEnd';
  readonly reason: EndReason;

  constructor(reason: EndReason) {
    super(`The task has to end: ${reason}`);
    this.reason = reason;
  }
}

/**
 * Why a task is told to end: somebody cancelled it; the worker is stopped; its lease may be over; or
 * another worker has the task by now.
 */
export type EndReason = 'cancel' | 'stop' | 'doubt' | 'loss';

/** Whether the task ends because somebody wants it so: it is not begun again. */
export function isCanceled({ signal }: Pick<RunningTask, 'signal'>): boolean {
  return signal.reason instanceof TaskEnd && signal.reason.reason === 'cancel';
}

/** A failure that is shown as it is, in Pulp's codes. */
export class TaskFailure extends Error {
  override readonly name = 'TaskFailure';
  readonly code: string;
  readonly data: Arguments;

  /** @param description shown to whoever may see the task */
  constructor(code: string, description: string, data: Arguments = {}) {
    super(description);
    this.code = code;
    this.data = data;
  }
}
