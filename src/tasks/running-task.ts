/** What the function of a task sees of it. */

import { createHash } from 'node:crypto';
import type { Logger } from '../log.ts';
import { type RunningTask, TaskFailure } from './kind.ts';
import type { Lease } from './lease.ts';
import { persist } from './persist.ts';
import type { Submission, TaskQueue } from './queue.ts';
import { type Arguments, readRecord, type TaskRecord } from './record.ts';
import type { Task } from './task.ts';
import { spawned } from './transitions.ts';

export interface RunningTaskParts {
  readonly queue: TaskQueue;
  readonly lease: Lease;
  readonly record: TaskRecord;
  readonly claim: string;
  readonly arguments: Arguments;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly report: (report: Arguments) => void;
}

export function runningTask(parts: RunningTaskParts): RunningTask {
  const { record, signal, log, report } = parts;
  return {
    taskId: record.task_id,
    name: record.task_type,
    arguments: parts.arguments,
    tags: record.tags,
    attempt: record.job.attempts,
    signal,
    log,
    progress: report,
    spawn: (submission) => spawn(parts, submission),
    confirm: () => confirm(parts),
  };
}

async function spawn(
  { queue, record, claim, signal }: RunningTaskParts,
  submission: Omit<Submission, 'taskId'>,
): Promise<Task> {
  signal.throwIfAborted();
  const taskId = idOfSpawned(record.task_id, submission);
  const result = await persist(() => queue.submit({ ...submission, taskId }), signal);
  if (result.outcome === 'full') {
    throw new TaskFailure('PLP0024', 'No more tasks are taken: too many are waiting.');
  }
  const change = spawned(claim, taskId, queue.limits.spawnedMax);
  const update = () => queue.store.update('tasks', record._id, change);
  await persist(update, signal);
  return result.task;
}

async function confirm({ queue, lease, record, claim, signal }: RunningTaskParts): Promise<void> {
  signal.throwIfAborted();
  const isSure = await persist(() => lease.confirm(), signal);
  const now = await persist(() => queue.store.get('tasks', record._id), signal);
  signal.throwIfAborted();
  const isOurs = now !== undefined && readRecord(now).job.claim === claim;
  if (!isSure || !isOurs || readRecord(now).state !== 'running') {
    throw new Error('The task is not this worker’s any more');
  }
}

/** The same for the same submission of the same task, so that a second attempt submits nothing anew. */
function idOfSpawned(
  parent: string,
  { name, arguments: given, tags, resources }: Submission,
): string {
  const said = JSON.stringify([parent, name, given, tags, resources]);
  const digest = createHash('sha256').update(said).digest();
  // A UUID of version 8 (RFC 9562, section 5.8).
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString('hex', 0, 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
