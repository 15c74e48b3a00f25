/** Has the runs of schedules done, and keeps what each came to. */

import type { Schedule } from '../repositories/schedule.ts';
import { Schedules, type TakenRun } from '../repositories/schedules.ts';
import type { RunningTask, TaskKind } from '../tasks/kind.ts';
import type { Submission, TaskQueue } from '../tasks/queue.ts';
import type { RepositoryTaskParts } from './parts.ts';
import { publishSubmission } from './publish.ts';
import { syncName, syncSubmission } from './sync-submission.ts';

/** Before the id of the schedule, among the tags of what it has done. */
const scheduleTag = 'pulp:schedule:';

/**
 * Submits all runs that are due, or that somebody took and lost.
 *
 * @returns how many
 */
export async function submitDueRuns(
  { store, now }: Pick<RepositoryTaskParts, 'store' | 'now'>,
  queue: TaskQueue,
): Promise<number> {
  const schedules = new Schedules(store, now);
  for (let submitted = 0; ; submitted += 1) {
    const run = await schedules.take();
    if (run === undefined) return submitted;
    const result = await queue.submit(submissionOf(run));
    // It is taken up again when it counts as lost: a queue that is full has room by then.
    if (result.outcome === 'submitted') await schedules.submitted(run);
  }
}

function submissionOf({ schedule, taskId }: TakenRun): Submission {
  const { repository, kwargs: override_config } = schedule;
  const submission =
    schedule.task === syncName
      ? syncSubmission({ repository, override_config })
      : publishSubmission({ repository, distributor: distributorOf(schedule), override_config });
  return { ...submission, tags: [...(submission.tags ?? []), scheduleTag + schedule._id], taskId };
}

/** The last part of its resource. */
function distributorOf({ resource }: Schedule): string {
  return resource.slice(resource.lastIndexOf(':') + 1);
}

/** The kind, which tells the schedule that had it done what it came to. */
export function reportingToSchedule(kind: TaskKind, parts: RepositoryTaskParts): TaskKind {
  const schedules = new Schedules(parts.store, parts.now);
  return {
    ...kind,
    run: async (task) => {
      const schedule = scheduleOf(task);
      if (schedule === undefined) return kind.run(task);
      try {
        const result = await kind.run(task);
        await schedules.finished(schedule, true);
        return result;
      } catch (error) {
        // One that is cancelled or given back has come to nothing yet.
        if (!task.signal.aborted) await schedules.finished(schedule, false);
        throw error;
      }
    },
  };
}

function scheduleOf({ tags }: RunningTask): string | undefined {
  return tags.find((tag) => tag.startsWith(scheduleTag))?.slice(scheduleTag.length);
}
