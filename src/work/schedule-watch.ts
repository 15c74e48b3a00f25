/** Looks for the runs of schedules that are due, as long as a worker of tasks is there. */

import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { submitDueRuns } from '../repository-tasks/scheduled.ts';
import type { TaskQueue } from '../tasks/queue.ts';
import { repeat } from '../tasks/repeat.ts';
import type { Background } from './work.ts';

/** How long after its time a run begins at the latest while the store answers and a worker is free. */
const lookMilliseconds = 5000;

export interface ScheduleWatchParts {
  readonly queue: TaskQueue;
  readonly log: Logger;
  readonly now: () => Date;
  readonly everyMilliseconds?: number;
}

/** Every worker looks: each run is taken once, and a store that is away is asked again. */
export function createScheduleWatch({
  queue,
  log,
  now,
  everyMilliseconds = lookMilliseconds,
}: ScheduleWatchParts): Background {
  let looking: AsyncDisposable | undefined;
  let isAway = false;
  const look = async (): Promise<void> => {
    try {
      await submitDueRuns({ store: queue.store, now }, queue);
      isAway = false;
    } catch (error) {
      if (!isAway) log.warn('Cannot look for runs of schedules', { reason: messageOf(error) });
      isAway = true;
    }
  };
  return {
    start: () => {
      looking = repeat(everyMilliseconds, look);
    },
    stop: async () => looking?.[Symbol.asyncDispose](),
  };
}
