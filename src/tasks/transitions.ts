/**
 * Every change of a task's state. Each is one change of one document that compares what it depends on,
 * so that of several at once one is made, and the others are left.
 */

import type { Transform } from '../stores/change.ts';
import type { Value } from '../stores/document.ts';
import { type Arguments, change, type Job, type TaskRecord, type WhenLost } from './record.ts';
import { type FinalState, isFinal, type TaskError } from './task.ts';

export interface Claimant {
  readonly worker: string;
  readonly session: string;
  readonly claim: string;
  readonly whenLost: WhenLost;
  readonly attemptsMax: number;
}

export interface Outcome {
  readonly state: FinalState;
  readonly result?: Value;
  readonly error?: TaskError;
  /** The last report, where it is not kept yet. */
  readonly progress?: Arguments;
}

/** A waiting task, for one worker. */
export function claimed({ worker, session, claim, whenLost, attemptsMax }: Claimant): Transform {
  return change(({ state, job }) =>
    state === 'waiting'
      ? {
          state: 'accepted',
          worker_name: worker,
          job: { ...job, session, claim, when_lost: whenLost, attempts_max: attemptsMax },
        }
      : undefined,
  );
}

/** The worker that has it begins. */
export function started(claim: string, at: string): Transform {
  return change(({ state, job }) =>
    state === 'accepted' && job.claim === claim
      ? { state: 'running', start_time: at, job: { ...job, attempts: job.attempts + 1 } }
      : undefined,
  );
}

export function progressed(claim: string, report: Arguments): Transform {
  return change(({ state, job }) =>
    state === 'running' && job.claim === claim ? { progress_report: report } : undefined,
  );
}

/** Beyond `max` they are submitted all the same, and not listed. */
export function spawned(claim: string, taskId: string, max: number): Transform {
  return change(({ state, job, spawned_tasks: known }) =>
    state === 'running' && job.claim === claim && known.length < max && !known.includes(taskId)
      ? { spawned_tasks: [...known, taskId] }
      : undefined,
  );
}

/** It waits again, in its old place; this beginning does not count. */
export function givenBack(claim: string, at: string): Transform {
  return change((record) => {
    const { state, job } = record;
    if (job.claim !== claim || (state !== 'accepted' && state !== 'running')) return undefined;
    const attempts = job.attempts - (state === 'running' ? 1 : 0);
    return job.is_canceled ? over(record, canceled, at) : waiting({ ...job, attempts });
  });
}

/**
 * It is over.
 *
 * @param keeps whether its worker still works, so that its resources are not free yet
 */
export function ended(claim: string, outcome: Outcome, at: string, keeps = false): Transform {
  return change((record) =>
    record.state === 'running' && record.job.claim === claim
      ? { ...over(record, outcome, at), ...(keeps ? { job: record.job } : {}) }
      : undefined,
  );
}

/** The worker of a task that is over has ended as well. */
export function released(claim: string): Transform {
  return change(({ state, job }) =>
    isFinal(state) && job.claim === claim && job.session !== undefined
      ? { job: rest(job) }
      : undefined,
  );
}

/** One that nobody has begun is over; one that runs is marked for its worker. */
export function cancelWanted(at: string): Transform {
  return change((record) => {
    const { state, job } = record;
    if (isFinal(state) || job.is_canceled) return undefined;
    if (state === 'running') return { job: { ...job, is_canceled: true } };
    return over(record, canceled, at);
  });
}

/** The lease of its worker is over. */
export function lost(session: string, at: string): Transform {
  return change((record) => {
    const { state, job } = record;
    if (job.session !== session) return undefined;
    if (isFinal(state)) return { job: rest(job) };
    if (job.is_canceled) return over(record, canceled, at);
    const mayRetry = job.when_lost === 'retry' && job.attempts < (job.attempts_max ?? 0);
    if (state === 'accepted' || mayRetry) return waiting(job);
    return over(record, { state: 'error', error: workerDied(record) }, at);
  });
}

/** The error of a task whose worker died or was stopped. */
export function workerDied({ worker_name: worker, job }: TaskRecord): TaskError {
  const times = job.attempts === 1 ? '' : ` at the attempt ${job.attempts}`;
  return {
    code: 'PLP0049',
    description: `The worker ${worker} ended before the task did${times}.`,
    data: { worker_name: worker, attempts: job.attempts },
    sub_errors: [],
  };
}

const canceled: Outcome = { state: 'canceled' };

function waiting({ session: _, ...job }: Job): Partial<TaskRecord> {
  return { state: 'waiting', start_time: null, progress_report: {}, job };
}

function over(record: TaskRecord, outcome: Outcome, at: string): Partial<TaskRecord> {
  const { state, result = null, error = null, progress = record.progress_report } = outcome;
  const job = rest(record.job);
  return { state, result, error, progress_report: progress, finish_time: at, job };
}

/** The claim stays, so that a worker that did not hear the answer knows its own work. */
function rest({ claim, attempts }: Job): Job {
  return claim === undefined ? { attempts } : { claim, attempts };
}
