/** What the queue takes and keeps at most. */

export interface TaskLimits {
  /** The arguments of a task as JSON in UTF-8, in bytes. */
  readonly argumentsBytesMax: number;
  /** Arguments up to this size are kept in the task itself, in bytes. */
  readonly argumentsInlineBytesMax: number;
  /** Its progress report, in bytes; one that is larger is left out, and the last one stays. */
  readonly progressBytesMax: number;
  /** Its result, in bytes; one that is larger is left out, and the task is finished all the same. */
  readonly resultBytesMax: number;
  /** A tag, a resource or a name in UTF-8, in bytes. */
  readonly nameBytesMax: number;
  readonly tagsMax: number;
  readonly resourcesMax: number;
  /** Tasks that one task submitted and lists. */
  readonly spawnedMax: number;
  /** Tasks that wait or run; then no more are taken. */
  readonly openTasksMax: number;
  /** Tasks that are over; then the oldest go. */
  readonly finalTasksMax: number;
}

export const taskLimits: TaskLimits = {
  argumentsBytesMax: 1024 * 1024,
  argumentsInlineBytesMax: 2048,
  progressBytesMax: 64 * 1024,
  resultBytesMax: 1024 * 1024,
  nameBytesMax: 512,
  tagsMax: 50,
  resourcesMax: 50,
  spawnedMax: 1000,
  openTasksMax: 10_000,
  finalTasksMax: 10_000,
};
