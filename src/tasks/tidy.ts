/** Removes what nobody needs any more: the oldest tasks that are over, and arguments without a task. */

import { everything } from '../stores/filter.ts';
import type { Store } from '../stores/store.ts';
import { readRecord } from './record.ts';
import { openTasks } from './schedule.ts';
import { isFinal } from './task.ts';

/** Documents that are looked at in one go. */
const batch = 100;

/** Arguments are kept before their task: for this time, in milliseconds, it may still come. */
const orphanMilliseconds = 3_600_000;

/** @returns how many were removed */
export async function removeOldTasks(store: Store, finalTasksMax: number): Promise<number> {
  const all = await store.count('tasks', everything);
  const excess = all - (await store.count('tasks', openTasks)) - finalTasksMax;
  let removed = 0;
  let kept = 0;
  while (removed < excess) {
    const page = { sort: [['_id', 1]] as const, skip: kept, limit: batch };
    const found = await store.find('tasks', { filter: everything, fields: ['job.order'], ...page });
    const over = found.filter((document) => readRecord(document).job?.order === undefined);
    for (const { _id, _version } of over.slice(0, excess - removed)) {
      if ((await store.remove('tasks', _id, _version)) !== 'conflict') removed += 1;
    }
    kept += found.length - over.length;
    if (found.length < batch) break;
  }
  return removed;
}

/** @returns how many were removed */
export async function removeOrphanedArguments(store: Store, now: Date): Promise<number> {
  const kept = await store.find('task_arguments', { filter: everything, fields: [], limit: batch });
  const isOld = (id: string): boolean =>
    now.getTime() - Number.parseInt(id.slice(0, 8), 16) * 1000 > orphanMilliseconds;
  let removed = 0;
  for (const { _id } of kept.filter(({ _id: id }) => isOld(id))) {
    const task = await store.get('tasks', _id);
    if (task !== undefined && !isFinal(readRecord(task).state)) continue;
    if ((await store.remove('task_arguments', _id)) === 'removed') removed += 1;
  }
  return removed;
}
