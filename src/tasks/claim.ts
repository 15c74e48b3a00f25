/** Takes one task for this worker, or finds that it cannot be had. */

import { randomUUID } from 'node:crypto';
import type { ExecutionParts } from './execution.ts';
import type { TaskKind } from './kind.ts';
import { persist } from './persist.ts';
import { readRecord, type TaskRecord } from './record.ts';
import { isOvertaken } from './schedule.ts';
import { timeText } from './time-text.ts';
import { claimed, givenBack, started } from './transitions.ts';

/** How often a task is begun whose kind does not say it. */
const defaultAttemptsMax = 3;

export interface Claimed {
  readonly record: TaskRecord;
  readonly claim: string;
}

export interface ClaimParts extends ExecutionParts {
  readonly worker: string;
  /** Claims that are in use here: a task of this worker with another one is nobody's. */
  readonly claims: Set<string>;
}

/** @returns the task as it was begun; its claim stays among those in use until the caller is done */
export async function claimTask(
  candidate: TaskRecord,
  kind: TaskKind,
  parts: ClaimParts,
): Promise<Claimed | undefined> {
  const claim = randomUUID();
  parts.claims.add(claim);
  let record: TaskRecord | undefined;
  try {
    record = await begin(candidate, claim, kind, parts);
  } catch (error) {
    // Without the store's word it may be ours. What comes to be so even later, the runner finds.
    parts.log.debug('A task may have been claimed, and is given back', { task: candidate.task_id });
    await giveBack(candidate._id, claim, parts);
    throw error;
  } finally {
    if (record === undefined) parts.claims.delete(claim);
  }
  return record === undefined ? undefined : { record, claim };
}

export async function giveBack(id: string, claim: string, parts: ExecutionParts): Promise<void> {
  const change = givenBack(claim, timeText(parts.now()));
  await persist(() => parts.queue.store.update('tasks', id, change), parts.abandoned);
}

async function begin(
  { _id }: TaskRecord,
  claim: string,
  { whenLost, attemptsMax = defaultAttemptsMax }: TaskKind,
  parts: ClaimParts,
): Promise<TaskRecord | undefined> {
  const { queue, lease, worker, now } = parts;
  const { session } = lease;
  const claimant = { worker, session, claim, whenLost, attemptsMax };
  const taken = await queue.store.update('tasks', _id, claimed(claimant));
  if (taken.outcome !== 'updated') return undefined;
  const isOurs = !(await isOvertaken(queue.store, readRecord(taken.document)));
  if (!isOurs || !lease.isSure() || lease.session !== session || parts.abandoned.aborted) {
    await giveBack(_id, claim, parts);
    return undefined;
  }
  const begun = await queue.store.update('tasks', _id, started(claim, timeText(now())));
  // Left as it was: somebody cancelled it in between.
  return begun.outcome === 'updated' ? readRecord(begun.document) : undefined;
}
