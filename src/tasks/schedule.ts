/** Which tasks may begin: those whose resources no task before them and no running one needs. */

import { parseFilter } from '../stores/parse-filter.ts';
import type { Query, Store } from '../stores/store.ts';
import { readRecord, type TaskRecord } from './record.ts';

/** Those that some worker has. */
export const activeTasks = parseFilter({ 'job.session': { $gt: '' } });

/** Those that are not over, or whose worker has not ended yet. */
export const openTasks = parseFilter({ 'job.order': { $gt: 0 } });

const inOrder: Query = {
  filter: openTasks,
  sort: [['job.order', 1]],
  fields: ['state', 'task_type', 'job.order', 'job.session', 'job.resources'],
};

/**
 * Waiting tasks of `names` that may begin, the first of each resource. A task that may begin may do so
 * later as well: only one with the same resource that is submitted at the same time can come in between,
 * and {@link isOvertaken} finds that out.
 */
export async function readyTasks(
  store: Store,
  names: ReadonlySet<string>,
): Promise<readonly TaskRecord[]> {
  const open = (await store.find('tasks', inOrder)).map(readRecord);
  const busy = new Set(
    open.filter(({ job }) => job.session !== undefined).flatMap(({ job }) => job.resources ?? []),
  );
  return open.filter(({ state, task_type: name, job }) => {
    const { resources = [] } = job;
    const isFree = resources.every((resource) => !busy.has(resource));
    for (const resource of resources) busy.add(resource);
    return isFree && state === 'waiting' && names.has(name);
  });
}

/**
 * Whether a task that was claimed has to be given back: another of its resources was claimed too, or
 * came before it. Of two that were claimed at once, the second to look sees the first: so never both go
 * on, whatever the order of their numbers and of their arrival in the store.
 */
export async function isOvertaken(store: Store, claimed: TaskRecord): Promise<boolean> {
  const { order = 0, resources = [] } = claimed.job;
  if (resources.length === 0) return false;
  // One that is over names no resources any more.
  const filter = parseFilter({ 'job.resources': { $in: [...resources] } });
  const others = (await store.find('tasks', { ...inOrder, filter })).map(readRecord);
  return others.some(
    ({ _id, job }) =>
      _id !== claimed._id && (job.session !== undefined || (job.order ?? 0) < order),
  );
}
