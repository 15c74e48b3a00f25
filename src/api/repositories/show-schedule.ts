/** How the API shows a schedule. */

import { z } from 'zod';
import type { Schedule } from '../../repositories/schedule.ts';
import { isoDate, isoDateOrNull } from '../criteria.ts';
import type { Linked } from '../outcome.ts';
import { hideSecrets } from './secrets.ts';

export const scheduleSchema = z.strictObject({
  _id: z.string(),
  args: z.array(z.string()),
  kwargs: z.record(z.string(), z.unknown()),
  enabled: z.boolean(),
  schedule: z.string(),
  failure_threshold: z.int().nullable(),
  consecutive_failures: z.int(),
  first_run: z.string(),
  last_run_at: z.string().nullable(),
  last_updated: z.string(),
  next_run: z.string().nullable(),
  remaining_runs: z.int().nullable(),
  total_run_count: z.int(),
  resource: z.string(),
  task: z.string(),
  _href: z.string(),
});

/**
 * @param subject the id of the importer or distributor
 * @param secrets names in its configuration that are never shown
 */
export function showSchedule(
  schedule: Schedule,
  subject: string,
  secrets: readonly string[],
  href: string,
): Linked {
  const { last_run_at: last, next_run: next } = schedule;
  return {
    _id: schedule._id,
    args: [schedule.repository, subject],
    kwargs: { overrides: hideSecrets(schedule.kwargs, secrets) },
    enabled: schedule.enabled,
    schedule: schedule.schedule,
    failure_threshold: schedule.failure_threshold,
    consecutive_failures: schedule.consecutive_failures,
    first_run: isoDate(schedule.first_run),
    last_run_at: isoDateOrNull(last),
    last_updated: isoDate(schedule.last_updated),
    next_run: isoDateOrNull(next),
    remaining_runs: schedule.remaining_runs,
    total_run_count: schedule.total_run_count,
    resource: schedule.resource,
    task: schedule.task,
    _href: href,
  };
}
