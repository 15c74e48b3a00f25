/**
 * The queue of tasks: submitted by whoever wants something done, done by the runners of any process on
 * any host that use the same store.
 *
 * **Order.** Tasks that name a resource in common are done one at a time, in the order of submission:
 * of two, the one whose submission ended before the other's began goes first. Tasks without a resource
 * in common are done at the same time.
 *
 * **Once.** A task that was submitted is there until it is over, and is over once: what its state says
 * then never changes, whichever workers die meanwhile.
 */

import type { Value } from '../stores/document.ts';
import type { Query, Store } from '../stores/store.ts';
import type { TaskLimits } from './limits.ts';
import type { FinalState, Task, TaskState } from './task.ts';

export interface TaskQueue {
  /** Where it is kept; `taskCollections` are declared. */
  readonly store: Store;
  readonly limits: TaskLimits;

  /**
   * @throws PortcullisError DOCUMENT_INVALID for what is over a limit, or what no store keeps;
   *   STORE_… when the store is away: then the task is submitted or not
   */
  submit(submission: Submission): Promise<SubmitResult>;

  /** Undefined when there is none of this `task_id`. */
  get(taskId: string): Promise<Task | undefined>;

  /**
   * Those of no group that have all of `tags`, and are in one of `states` if any is given, in the order
   * of submission.
   */
  list(tags?: readonly string[], states?: readonly TaskState[]): Promise<readonly Task[]>;

  /**
   * A search in the names of {@link Task}; with `fields`, those alone and `_id`.
   *
   * @throws PortcullisError FILTER_INVALID when it names anything else
   */
  search(query: Query): Promise<readonly Partial<Task>[]>;

  count(filter: Query['filter']): Promise<number>;

  /** Returns at once: a task that runs is told, and is over within a named time. */
  cancel(taskId: string): Promise<CancelResult>;

  /** Removes what is over in one of `states`. @returns how many */
  purge(states: readonly FinalState[]): Promise<number>;

  /** Those that are at work, by their names. */
  workers(): Promise<readonly TaskWorker[]>;
}

export interface TaskWorker {
  readonly name: string;
  /**
   * When it renewed its lease last, as `2015-05-13T18:40:32Z`, by its own clock; null for one of an older
   * version, which does not tell. Nothing is decided by it.
   */
  readonly renewedAt: string | null;
}

export interface Submission {
  /** The kind, for which some runner has a handler: a dotted name. */
  readonly name: string;
  /** Kept until the task is over, and never shown. */
  readonly arguments?: { readonly [name: string]: Value };
  readonly tags?: readonly string[];
  /** What no other task may use at the same time, as `repository:acme-el9`. */
  readonly resources?: readonly string[];
  readonly groupId?: string;
  /**
   * A UUID of the caller's, so that a submission may be repeated after an error: the second finds the
   * first. A new one without.
   */
  readonly taskId?: string;
}

export type SubmitResult =
  | { readonly outcome: 'submitted'; readonly task: Task }
  /** As many tasks wait as may. */
  | { readonly outcome: 'full' };

export type CancelResult =
  /** It was waiting, and is over. */
  | 'canceled'
  /** It runs, and its worker will stop it. */
  | 'requested'
  /** It was over before. */
  | 'final'
  | 'missing';
