/** A schedule, and when its runs are. */

import type { StoredDocument } from '../stores/document.ts';
import type { JsonObject } from './documents.ts';
import { nextRun, parseInterval } from './interval.ts';

export interface Schedule extends StoredDocument {
  /** What it does things to, as `pulp:importer:acme-el9:yum_importer`. */
  readonly resource: string;
  readonly repository: string;
  /** The kind of the task, as `repository.sync`. */
  readonly task: string;
  /** What the task is asked for besides. */
  readonly kwargs: JsonObject;
  readonly enabled: boolean;
  /** An ISO 8601 interval, as it was given. */
  readonly schedule: string;
  /** After so many failures in a row it is disabled; null for never. */
  readonly failure_threshold: number | null;
  readonly consecutive_failures: number;
  readonly first_run: Date;
  readonly last_run_at: Date | null;
  readonly last_updated: Date;
  /** Null when none comes: it is disabled, or all its runs are over. */
  readonly next_run: Date | null;
  /** Null for as many as come. */
  readonly remaining_runs: number | null;
  readonly total_run_count: number;
  /** A run that was taken and whose task may not be submitted yet. */
  readonly taken: { readonly task_id: string; readonly at: Date } | null;
}

export type NewSchedule = Pick<
  Schedule,
  'resource' | 'repository' | 'task' | 'kwargs' | 'enabled' | 'schedule' | 'failure_threshold'
>;

export type ScheduleDelta = Partial<
  Pick<Schedule, 'kwargs' | 'enabled' | 'schedule' | 'failure_threshold'>
>;

type Times = Pick<Schedule, 'first_run' | 'next_run' | 'remaining_runs'>;

/** Of what begins now: runs that an earlier start would have had are none. */
export function newTimes(
  { schedule, enabled }: Pick<Schedule, 'schedule' | 'enabled'>,
  now: Date,
): Times | { readonly problem: string } {
  const interval = parseInterval(schedule, now);
  if ('problem' in interval) return interval;
  const next = nextRun(interval, new Date(now.getTime() - 1));
  if (next === undefined) return { problem: 'it never runs' };
  return {
    first_run: interval.start,
    next_run: enabled ? next : null,
    remaining_runs: interval.runs ?? null,
  };
}

/** Of what was changed: another interval begins anew, and what is enabled again has not failed. */
export function timesAfter(
  before: Schedule,
  changed: Schedule,
  now: Date,
): Partial<Schedule> | { readonly problem: string } {
  if (changed.schedule !== before.schedule) return newTimes(changed, now);
  if (!changed.enabled) return { next_run: null };
  if (before.enabled) return {};
  return { next_run: nextOf(changed, now), consecutive_failures: 0 };
}

/** What becomes of a schedule that runs now. */
export function afterRun(schedule: Schedule, now: Date): Partial<Schedule> {
  const { remaining_runs: runs, total_run_count } = schedule;
  const left = { ...schedule, remaining_runs: runs === null ? null : runs - 1 };
  return {
    last_run_at: now,
    total_run_count: total_run_count + 1,
    remaining_runs: left.remaining_runs,
    next_run: nextOf(left, now),
    enabled: left.remaining_runs !== 0,
  };
}

/** Runs that were missed until now are left out. */
function nextOf(
  {
    schedule,
    first_run,
    remaining_runs,
  }: Pick<Schedule, 'schedule' | 'first_run' | 'remaining_runs'>,
  now: Date,
): Date | null {
  const interval = parseInterval(schedule, first_run);
  if (remaining_runs === 0 || 'problem' in interval) return null;
  return nextRun({ ...interval, start: first_run }, now) ?? null;
}
