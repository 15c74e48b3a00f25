/** A task as it is kept: what is shown of it, and under `job` what its workers need. */

import type { Transform } from '../stores/change.ts';
import type { Document, StoredDocument, Value } from '../stores/document.ts';
import { type Task, taskFields } from './task.ts';

export interface Job {
  /** Of its submission; there until it is over and nobody works on it any more. */
  readonly order?: number;
  /** Those that it keeps from others as long as `order` is there. */
  readonly resources?: readonly string[];
  /** The small ones; larger ones are in a collection of their own. */
  readonly arguments?: Arguments;
  /** The lease of the worker that has it; there as long as one has. */
  readonly session?: string;
  /** Of the last claim: whoever has another one has lost the task. */
  readonly claim?: string;
  /** How often a worker has begun with it. */
  readonly attempts: number;
  /** As its kind declares, from the claim on. */
  readonly attempts_max?: number;
  readonly when_lost?: WhenLost;
  /** Somebody wants it to end. */
  readonly is_canceled?: boolean;
}

/** What becomes of a task whose worker is gone. */
export type WhenLost = 'retry' | 'fail';

export type Arguments = { readonly [name: string]: Value };

export interface TaskRecord extends Task {
  readonly job: Job;
}

/** Nobody but this folder writes to the collection, so that a document of it is a record. */
export function readRecord(document: StoredDocument): TaskRecord {
  return document as unknown as TaskRecord;
}

/** What is shown of a document, which may hold some of its fields only. */
export function shownPart(document: StoredDocument): Partial<Task> {
  const { job: _, _version, ...shown } = document;
  return shown as Partial<Task>;
}

export function shownTask(document: StoredDocument): Task {
  const record = readRecord(document);
  return Object.fromEntries(taskFields.map((name) => [name, record[name]])) as unknown as Task;
}

/** A change of a record, for a store; it sees no `_id`. */
export function change(
  transition: (record: TaskRecord) => Partial<TaskRecord> | undefined,
): Transform {
  return (document) => {
    const changed = transition(document as unknown as TaskRecord);
    return changed === undefined ? undefined : ({ ...document, ...changed } as Document);
  };
}
