/** The times of tasks for instances whose workers are often killed. */

import * as real from '../../src/tasks/timing.ts';

export const { stopSecondsMax } = real;

export const taskTiming: real.TaskTiming = {
  ...real.taskTiming,
  leaseMilliseconds: 3000,
  beatMilliseconds: 400,
  marginMilliseconds: 600,
  progressMilliseconds: 100,
};
