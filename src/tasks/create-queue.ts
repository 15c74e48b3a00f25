/** The queue over a store. Everything of it is in the store: any number of them may be there at once. */

import { randomUUID } from 'node:crypto';
import { PortcullisError } from '../errors.ts';
import type { StoredDocument } from '../stores/document.ts';
import { everything, type Filter } from '../stores/filter.ts';
import { parseFilter, where } from '../stores/parse-filter.ts';
import type { Query, Store } from '../stores/store.ts';
import { type TaskLimits, taskLimits } from './limits.ts';
import type { CancelResult, Submission, SubmitResult, TaskQueue, TaskWorker } from './queue.ts';
import { readRecord, shownPart, shownTask } from './record.ts';
import { openTasks } from './schedule.ts';
import { checkFilter, checkShownFields } from './shown-fields.ts';
import { checkSubmission, isInline, newRecord } from './submission.ts';
import type { FinalState, Task, TaskState } from './task.ts';
import { timeText } from './time-text.ts';
import { cancelWanted } from './transitions.ts';

export interface TaskQueueOptions {
  readonly limits?: TaskLimits;
  readonly now?: () => Date;
}

/** @param store with `taskCollections` declared */
export function createTaskQueue(store: Store, options: TaskQueueOptions = {}): TaskQueue {
  return new StoreTaskQueue(store, options);
}

/** Tasks that are read at a time to be removed: each may hold a result of a mebibyte. */
const purgeBatch = 100;

class StoreTaskQueue implements TaskQueue {
  readonly store: Store;
  readonly limits: TaskLimits;
  readonly #now: () => Date;

  constructor(store: Store, { limits = taskLimits, now = () => new Date() }: TaskQueueOptions) {
    this.store = store;
    this.limits = limits;
    this.#now = now;
  }

  async submit(submission: Submission): Promise<SubmitResult> {
    checkSubmission(submission, this.limits);
    const { taskId = randomUUID() } = submission;
    const before = submission.taskId === undefined ? undefined : await this.#find(taskId);
    if (before !== undefined) return { outcome: 'submitted', task: shownTask(before) };
    const open = await this.store.count('tasks', openTasks);
    if (open >= this.limits.openTasksMax) return { outcome: 'full' };
    const order = await this.#nextOrder();
    const record = newRecord(submission, taskId, order, this.limits, this.#now());
    return { outcome: 'submitted', task: await this.#insert(record, submission) };
  }

  async get(taskId: string): Promise<Task | undefined> {
    const found = await this.#find(taskId);
    return found === undefined ? undefined : shownTask(found);
  }

  async list(
    tags: readonly string[] = [],
    states: readonly TaskState[] = [],
  ): Promise<readonly Task[]> {
    const conditions = [
      { group_id: null },
      ...tags.map((tag) => ({ tags: tag })),
      ...(states.length > 0 ? [{ state: { $in: [...states] } }] : []),
    ];
    const found = await this.store.find('tasks', { filter: parseFilter({ $and: conditions }) });
    return found.map(shownTask);
  }

  async search(query: Query): Promise<readonly Partial<Task>[]> {
    checkShownFields(query);
    return (await this.store.find('tasks', query)).map(shownPart);
  }

  async count(filter: Filter): Promise<number> {
    checkFilter(filter);
    return this.store.count('tasks', filter);
  }

  async cancel(taskId: string): Promise<CancelResult> {
    const found = await this.#find(taskId);
    if (found === undefined) return 'missing';
    const result = await this.store.update('tasks', found._id, cancelWanted(timeText(this.#now())));
    if (result.outcome === 'missing') return 'missing';
    if (result.outcome === 'updated') {
      return readRecord(result.document).state === 'canceled' ? 'canceled' : 'requested';
    }
    // Left as it was: it is over, or was told before.
    const now = await this.store.get('tasks', found._id);
    return now !== undefined && readRecord(now).job.is_canceled ? 'requested' : 'final';
  }

  async purge(states: readonly FinalState[]): Promise<number> {
    const filter = parseFilter({ state: { $in: [...states] }, 'job.order': null });
    let purged = 0;
    for (;;) {
      const found = await this.store.find('tasks', { filter, fields: [], limit: purgeBatch });
      const results = [];
      for (const { _id, _version } of found) {
        results.push(await this.store.remove('tasks', _id, _version));
      }
      const removed = results.filter((result) => result === 'removed').length;
      purged += removed;
      if (found.length < purgeBatch || removed === 0) return purged;
    }
  }

  async workers(): Promise<readonly TaskWorker[]> {
    const sort = [['worker', 1]] as const;
    const sessions = await this.store.find('task_sessions', { filter: everything, sort });
    return sessions.map(({ worker, renewedAt }) => ({
      name: String(worker),
      renewedAt: typeof renewedAt === 'string' ? renewedAt : null,
    }));
  }

  async #find(taskId: string): Promise<StoredDocument | undefined> {
    const [found] = await this.store.find('tasks', { filter: where({ task_id: taskId }) });
    return found;
  }

  /** One more than any before; a number that is not used afterwards does no harm. */
  async #nextOrder(): Promise<number> {
    for (;;) {
      const result = await this.store.update('task_orders', 'tasks', { $inc: { last: 1 } });
      if (result.outcome === 'updated') return Number(result.document.last);
      await this.store.insert('task_orders', { _id: 'tasks', last: 0 });
    }
  }

  /** Large arguments come first: a task is there with all that belongs to it, or not at all. */
  async #insert(record: ReturnType<typeof newRecord>, submission: Submission): Promise<Task> {
    const { arguments: given } = submission;
    const isApart = given !== undefined && !isInline(given, this.limits);
    if (isApart) await this.store.insert('task_arguments', { _id: record._id, arguments: given });
    const result = await this.store.insert('tasks', record);
    if (result.outcome === 'inserted') return shownTask(result.document);
    if (isApart) await this.store.remove('task_arguments', record._id);
    const found = await this.#find(String(record.task_id));
    if (found !== undefined) return shownTask(found);
    throw new PortcullisError(
      'STORE_UNAVAILABLE',
      'Cannot submit a task: another had its number, as after an old backup was restored; try again',
    );
  }
}
