/** The times that the runners keep to. */

export interface TaskTiming {
  /**
   * How long a worker is believed to live after its last sign, in milliseconds. Nobody compares the
   * clocks of two hosts: see lease.ts.
   */
  readonly leaseMilliseconds: number;
  /** How often a worker gives a sign, and looks for those of others. */
  readonly beatMilliseconds: number;
  /** How long before the end of its lease a worker stops what it does. */
  readonly marginMilliseconds: number;
  /**
   * How long a task that was cancelled has to end; then it is shown as canceled, and keeps its
   * resources until it does end.
   */
  readonly cancelMilliseconds: number;
  /** How long the tasks of a worker that is stopped may go on, before they are told to end. */
  readonly drainMilliseconds: number;
  /** Between two progress reports of one task that are kept. */
  readonly progressMilliseconds: number;
  /** Between two looks whether there are more tasks that are over than are kept. */
  readonly tidyMilliseconds: number;
}

export const taskTiming: TaskTiming = {
  leaseMilliseconds: 30_000,
  beatMilliseconds: 5000,
  marginMilliseconds: 5000,
  cancelMilliseconds: 5000,
  drainMilliseconds: 10_000,
  progressMilliseconds: 1000,
  tidyMilliseconds: 60_000,
};

/** What the store may take besides, when a runner lets go of it, in seconds. */
const lastStoreSeconds = 5;

/** How long a runner takes to stop at most, in seconds, while the store answers. */
export const stopSecondsMax =
  (taskTiming.drainMilliseconds + taskTiming.cancelMilliseconds) / 1000 + lastStoreSeconds;
