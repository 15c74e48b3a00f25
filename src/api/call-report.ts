/** The schema of a call report: what was done at once, and the tasks that do the rest. */

import { z } from 'zod';

export const callReportSchema = z.strictObject({
  result: z.unknown(),
  error: z.null(),
  spawned_tasks: z.array(z.strictObject({ _href: z.string(), task_id: z.string() })),
});
