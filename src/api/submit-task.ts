/** Work that is done later: the call is answered with where to ask how it goes. */

import type { Submission, TaskQueue } from '../tasks/queue.ts';
import { noWorkers } from './failures.ts';
import { accepted, type Outcome } from './outcome.ts';

/** 202 with the call report of one task, or 503 where too many are waiting. */
export async function submitTask(tasks: TaskQueue, submission: Submission): Promise<Outcome> {
  const result = await tasks.submit(submission);
  return result.outcome === 'full' ? noWorkers() : accepted([result.task.task_id]);
}
