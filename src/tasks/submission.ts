/** What is asked of a submission, and the record that it becomes. */

import { PortcullisError } from '../errors.ts';
import type { Document, Value } from '../stores/document.ts';
import type { TaskLimits } from './limits.ts';
import type { Submission } from './queue.ts';
import type { Arguments, Job } from './record.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @throws PortcullisError DOCUMENT_INVALID */
export function checkSubmission(submission: Submission, limits: TaskLimits): void {
  const { name, tags = [], resources = [], groupId, taskId } = submission;
  checkNames('name', [name], 1, limits);
  checkNames('tags', tags, limits.tagsMax, limits);
  checkNames('resources', resources, limits.resourcesMax, limits);
  if (groupId !== undefined) checkNames('group', [groupId], 1, limits);
  if (taskId !== undefined && !uuid.test(taskId)) throw invalid('its id is not a UUID');
  const bytes = valueBytes(submission.arguments ?? {});
  if (bytes > limits.argumentsBytesMax) {
    throw invalid(`its arguments have ${bytes} bytes, and ${limits.argumentsBytesMax} are allowed`);
  }
}

/** @param order its number among all submissions */
export function newRecord(
  submission: Submission,
  taskId: string,
  order: number,
  limits: TaskLimits,
  now: Date,
): Document & { readonly _id: string } {
  const job: Job = {
    order,
    resources: [...new Set(submission.resources)],
    attempts: 0,
    ...(isInline(submission.arguments, limits) ? { arguments: submission.arguments ?? {} } : {}),
  };
  return {
    _id: idOf(order, now),
    task_id: taskId,
    task_type: submission.name,
    state: 'waiting',
    tags: [...(submission.tags ?? [])],
    group_id: submission.groupId ?? null,
    worker_name: null,
    progress_report: {},
    result: null,
    error: null,
    spawned_tasks: [],
    start_time: null,
    finish_time: null,
    job: job as unknown as Arguments,
  };
}

export function isInline(given: Arguments | undefined, limits: TaskLimits): boolean {
  return valueBytes(given ?? {}) <= limits.argumentsInlineBytesMax;
}

export function valueBytes(value: Value): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** As MongoDB's ObjectId, the seconds first; the rest is nobody else's, because the order is not. */
function idOf(order: number, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  return seconds.toString(16).padStart(8, '0') + order.toString(16).padStart(16, '0');
}

function checkNames(
  what: string,
  names: readonly string[],
  namesMax: number,
  { nameBytesMax }: TaskLimits,
): void {
  if (names.length > namesMax) throw invalid(`it has more than ${namesMax} ${what}`);
  if (names.some((name) => name === '' || Buffer.byteLength(name) > nameBytesMax)) {
    throw invalid(`of its ${what}, one is empty or longer than ${nameBytesMax} bytes`);
  }
}

function invalid(state: string): PortcullisError {
  return new PortcullisError('DOCUMENT_INVALID', `Cannot submit a task: ${state}`);
}
