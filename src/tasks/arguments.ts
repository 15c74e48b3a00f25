/** The arguments of a task, which are apart from it when they are large. */

import type { Store } from '../stores/store.ts';
import type { Arguments, TaskRecord } from './record.ts';

export async function readArguments(store: Store, { _id, job }: TaskRecord): Promise<Arguments> {
  if (job.arguments !== undefined) return job.arguments;
  const kept = await store.get('task_arguments', _id);
  // They were there before the task, and go after it.
  if (kept === undefined) throw new Error('The arguments of the task are gone');
  return kept.arguments as Arguments;
}

/** Once it is over. What a worker that dies leaves behind, tidy.ts removes. */
export async function dropArguments(store: Store, { _id, job }: TaskRecord): Promise<void> {
  if (job.arguments === undefined) await store.remove('task_arguments', _id);
}
