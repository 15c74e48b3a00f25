/** What a task is: the document that is kept of it, in the names that the API and its filters use. */

import type { CollectionDeclaration } from '../stores/collection.ts';
import type { Value } from '../stores/document.ts';

export const taskStates = [
  'waiting',
  'accepted',
  'running',
  'suspended',
  'finished',
  'error',
  'canceled',
  'skipped',
] as const;

/**
 * `accepted`: a worker took it and has not begun. Portcullis suspends none, and skips none by itself;
 * both are names that clients filter by.
 */
export type TaskState = (typeof taskStates)[number];

export type FinalState = 'finished' | 'error' | 'canceled' | 'skipped';

export const finalStates: readonly FinalState[] = ['finished', 'error', 'canceled', 'skipped'];

export function isFinal(state: TaskState): state is FinalState {
  return finalStates.some((final) => final === state);
}

/** Why a task failed, as it is shown: it names no file and holds no stack. */
export interface TaskError {
  /** As `PLP0049`. */
  readonly code: string;
  readonly description: string;
  readonly data: { readonly [name: string]: Value };
  readonly sub_errors: readonly TaskError[];
}

/** A task as it is shown; what it is done with (arguments, resources, its worker's lease) is not. */
export interface Task {
  /** 24 hexadecimal digits, which sort in the order of submission where the hosts' clocks agree. */
  readonly _id: string;
  /** A UUID. */
  readonly task_id: string;
  /** Its kind, a dotted name. */
  readonly task_type: string;
  readonly state: TaskState;
  readonly tags: readonly string[];
  /** Null for a task of no group. */
  readonly group_id: string | null;
  /** Of the worker that has or had it last; null while none had. */
  readonly worker_name: string | null;
  /** Keyed by importer or distributor. */
  readonly progress_report: { readonly [name: string]: Value };
  /** What it came to; null until it is finished, and when it came to nothing. */
  readonly result: Value;
  readonly error: TaskError | null;
  /** The `task_id` of each task that it submitted. */
  readonly spawned_tasks: readonly string[];
  /** As `2015-05-13T18:40:32Z`, by the clock of the worker; null before. */
  readonly start_time: string | null;
  readonly finish_time: string | null;
}

/** The fields of {@link Task}: all that a search may name. */
export const taskFields: readonly (keyof Task)[] = [
  '_id',
  'task_id',
  'task_type',
  'state',
  'tags',
  'group_id',
  'worker_name',
  'progress_report',
  'result',
  'error',
  'spawned_tasks',
  'start_time',
  'finish_time',
];

/** To be declared where the store is opened. */
export const taskCollections: readonly CollectionDeclaration[] = [
  {
    name: 'tasks',
    indexes: [
      { fields: ['task_id'], unique: true },
      { fields: ['state'] },
      { fields: ['tags'], multikey: true },
      // The rest is there only as long as a task may still come to be done, or is being done.
      { fields: ['job.order'] },
      { fields: ['job.resources'], multikey: true },
      { fields: ['job.session'] },
    ],
  },
  /** Arguments that are too large to be read with each look at the queue, by the `_id` of their task. */
  { name: 'task_arguments', indexes: [] },
  /** The number of the last submission. */
  { name: 'task_orders', indexes: [] },
  /** The workers' leases. */
  { name: 'task_sessions', indexes: [] },
];
