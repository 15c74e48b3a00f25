/** A kind of task whose beginning and end listeners are told of. */

import type { JsonObject } from '../../repositories/documents.ts';
import { type RunningTask, TaskFailure, type TaskKind } from '../../tasks/kind.ts';
import { type EmitParts, emitEvent } from './emit.ts';

/** `start` may come twice, where a worker died and another begins anew; `finish` where it died just then. */
export function telling<Parts extends EmitParts>(
  what: 'repo.publish' | 'repo.sync',
  create: (parts: Parts) => TaskKind,
): (parts: Parts) => TaskKind {
  return (parts) => {
    const kind = create(parts);
    return { ...kind, run: (task) => runTelling(task, { what, kind, parts }) };
  };
}

async function runTelling(
  task: RunningTask,
  { what, kind, parts }: Pick<Told, 'what' | 'parts'> & { readonly kind: TaskKind },
): Promise<Awaited<ReturnType<TaskKind['run']>>> {
  const told = { what, parts, task };
  await tell(told, 'start', subjectOf(task), 'running');
  try {
    const result = await kind.run(task);
    await tell(told, 'finish', { ...subjectOf(task), ...objectOf(result) }, 'finished');
    return result;
  } catch (error) {
    // One that is lost or cancelled may be at work elsewhere by now, or be begun again.
    if (!task.signal.aborted) {
      const reason = error instanceof TaskFailure ? error.message : 'The log says why.';
      const failure = { ...subjectOf(task), result: 'failed', error_message: reason };
      await tell(told, 'finish', failure, 'error');
    }
    throw error;
  }
}

interface Told {
  readonly what: 'repo.publish' | 'repo.sync';
  readonly parts: EmitParts;
  readonly task: RunningTask;
}

function tell(
  { what, parts, task: { taskId, tags } }: Told,
  when: 'start' | 'finish',
  payload: JsonObject,
  state: 'running' | 'finished' | 'error',
): Promise<void> {
  const href = `/pulp/api/v2/tasks/${taskId}/`;
  const callReport = { task_id: taskId, _href: href, tags, state };
  return emitEvent({ type: `${what}.${when}`, payload, callReport }, parts);
}

function subjectOf({ arguments: { repository, distributor } }: RunningTask): JsonObject {
  return {
    repo_id: repository ?? null,
    ...(distributor !== undefined && { distributor_id: distributor }),
  };
}

function objectOf(result: Awaited<ReturnType<TaskKind['run']>>): JsonObject {
  const isObject = typeof result === 'object' && result !== null && !Array.isArray(result);
  return isObject ? (result as JsonObject) : {};
}
