/**
 * What is done again and again, once each time, however many hosts look.
 *
 * Whoever finds one due takes it with the id of the task to come, submits the task under that id, and says so.
 * Who dies in between has left the id: whoever finds it after {@link lostAfterSeconds} submits the same task,
 * which is there once.
 */

import { randomUUID } from 'node:crypto';
import type { Document } from '../stores/document.ts';
import { parseFilter, where } from '../stores/parse-filter.ts';
import { removeFound } from '../stores/remove-found.ts';
import type { Store } from '../stores/store.ts';
import { schedulesCollection } from './documents.ts';
import { repositoryLimits } from './limits.ts';
import {
  afterRun,
  type NewSchedule,
  newTimes,
  type Schedule,
  type ScheduleDelta,
  timesAfter,
} from './schedule.ts';

export type ScheduleResult =
  | { readonly outcome: 'kept'; readonly schedule: Schedule }
  | { readonly outcome: 'missing' }
  /** The interval is none. @property problem a clause */
  | { readonly outcome: 'invalid'; readonly problem: string }
  /** The resource has as many as it may. */
  | { readonly outcome: 'full' };

/** A run that is to be submitted, under this id. */
export interface TakenRun {
  readonly schedule: Schedule;
  readonly taskId: string;
}

/** After this time, in seconds, whoever took a run is taken for dead. */
export const lostAfterSeconds = 60;

export class Schedules {
  readonly #store: Store;
  readonly #now: () => Date;

  constructor(store: Store, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  async create(given: NewSchedule): Promise<ScheduleResult> {
    const timed = newTimes(given, this.#now());
    if ('problem' in timed) return { outcome: 'invalid', ...timed };
    const count = await this.#store.count(schedulesCollection, where({ resource: given.resource }));
    if (count >= repositoryLimits.schedulesMax) return { outcome: 'full' };
    const document = {
      ...given,
      ...timed,
      consecutive_failures: 0,
      last_run_at: null,
      last_updated: this.#now(),
      total_run_count: 0,
      taken: null,
    };
    const result = await this.#store.insert(schedulesCollection, document);
    if (result.outcome !== 'inserted') throw new Error('Two random ids are the same');
    return { outcome: 'kept', schedule: result.document as unknown as Schedule };
  }

  /** Undefined as well for one of another resource. */
  async byId(id: string, resource: string): Promise<Schedule | undefined> {
    const schedule = (await this.#store.get(schedulesCollection, id)) as Schedule | undefined;
    return schedule?.resource === resource ? schedule : undefined;
  }

  async ofResource(resource: string): Promise<readonly Schedule[]> {
    const found = await this.#store.find(schedulesCollection, { filter: where({ resource }) });
    return found as unknown as readonly Schedule[];
  }

  /** Another interval begins anew; one that is enabled again has no failures. */
  async update(id: string, resource: string, delta: ScheduleDelta): Promise<ScheduleResult> {
    const now = this.#now();
    let problem: string | undefined;
    const result = await this.#store.update(schedulesCollection, id, (document) => {
      const before = document as unknown as Schedule;
      if (before.resource !== resource) return undefined;
      const changed = { ...before, ...delta, last_updated: now };
      const timed = timesAfter(before, changed, now);
      problem = typeof timed.problem === 'string' ? timed.problem : undefined;
      return problem === undefined ? { ...changed, ...timed } : undefined;
    });
    if (problem !== undefined) return { outcome: 'invalid', problem };
    if (result.outcome !== 'updated') return { outcome: 'missing' };
    return { outcome: 'kept', schedule: result.document as unknown as Schedule };
  }

  /** @returns false when the resource has no such schedule */
  async remove(id: string, resource: string): Promise<boolean> {
    if ((await this.byId(id, resource)) === undefined) return false;
    return (await this.#store.remove(schedulesCollection, id)) === 'removed';
  }

  /** @param resource undefined for all of the repository */
  async removeAll(repository: string, resource?: string): Promise<void> {
    const filter = where({ repository, ...(resource !== undefined && { resource }) });
    await removeFound(this.#store, schedulesCollection, { filter });
  }

  /**
   * Takes a run that is due, or that somebody took and lost; undefined when there is none. Runs that were
   * missed meanwhile, while no host was up, are one.
   */
  async take(): Promise<TakenRun | undefined> {
    return (await this.#takeLost()) ?? (await this.#takeDue());
  }

  /** The task of a run is submitted. */
  async submitted({ schedule, taskId }: TakenRun): Promise<void> {
    await this.#store.update(schedulesCollection, schedule._id, (document) => {
      const { taken } = document as unknown as Schedule;
      return taken?.task_id === taskId ? { ...document, taken: null } : undefined;
    });
  }

  /** What a run came to. It is disabled when it failed as often in a row as it may. */
  async finished(id: string, isSuccess: boolean): Promise<void> {
    await this.#store.update(schedulesCollection, id, (document) => {
      const { consecutive_failures, failure_threshold, enabled } = document as unknown as Schedule;
      const failures = isSuccess ? 0 : consecutive_failures + 1;
      const isOver = enabled && failure_threshold !== null && failures >= failure_threshold;
      const ended = isOver ? { enabled: false, next_run: null } : {};
      return { ...document, consecutive_failures: failures, ...ended };
    });
  }

  async #takeDue(): Promise<TakenRun | undefined> {
    const now = this.#now();
    const taskId = randomUUID();
    const selection = {
      filter: parseFilter({ next_run: { $lte: now }, enabled: true, taken: null }),
      sort: [['next_run', 1]],
    } as const;
    const change = (document: Document): Document => ({
      ...document,
      ...afterRun(document as unknown as Schedule, now),
      taken: { task_id: taskId, at: now },
    });
    return this.#take(selection, change, taskId);
  }

  async #takeLost(): Promise<TakenRun | undefined> {
    const now = this.#now();
    const before = new Date(now.getTime() - lostAfterSeconds * 1000);
    const filter = parseFilter({ 'taken.at': { $lte: before } });
    const change = (document: Document): Document => {
      const { taken } = document as unknown as Schedule;
      return { ...document, taken: taken === null ? null : { ...taken, at: now } };
    };
    return this.#take({ filter }, change, undefined);
  }

  async #take(
    selection: Parameters<Store['claim']>[1],
    change: (document: Document) => Document,
    taskId: string | undefined,
  ): Promise<TakenRun | undefined> {
    const claimed = await this.#store.claim(schedulesCollection, selection, change);
    const schedule = claimed as unknown as Schedule | undefined;
    const id = taskId ?? schedule?.taken?.task_id;
    return schedule === undefined || id === undefined ? undefined : { schedule, taskId: id };
  }
}
