/** Workers that have used up the time, or the memory, of their phase. */

import type { Action, LeaveAction } from './actions.ts';
import type { LeaveCause, PoolState, WorkerState } from './pool-state.ts';
import type { Timing } from './timing.ts';

export function nextLimit(state: PoolState, now: number, timing: Timing): Action | undefined {
  for (const worker of state.workers) {
    const action = limitOf(worker, now, timing);
    if (action !== undefined) return action;
  }
  return undefined;
}

function limitOf(worker: WorkerState, now: number, timing: Timing): Action | undefined {
  const { id, phase, phaseSince, lastHeard, supervision } = worker;
  const isOver = (seconds: number, since = phaseSince): boolean => now - since >= seconds * 1000;
  const leave = (type: LeaveAction['type'], cause: LeaveCause): Action => ({
    type,
    worker: id,
    cause,
  });
  switch (phase) {
    case 'starting':
      return isOver(supervision.bootSeconds) ? leave('abort', 'boot-time') : undefined;
    case 'serving':
      if (hasTooMuchMemory(worker)) return leave('kill', 'memory-max');
      return isOver(supervision.silenceSeconds, lastHeard)
        ? { type: 'ask', worker: id }
        : undefined;
    case 'asked':
      if (hasTooMuchMemory(worker)) return leave('kill', 'memory-max');
      return isOver(supervision.answerSeconds) ? leave('abort', 'stuck') : undefined;
    case 'draining':
      if (hasTooMuchMemory(worker)) return leave('kill', 'memory-max');
      return now - phaseSince >= supervision.drainSeconds * 1000 + timing.drainGraceMs
        ? leave('abort', 'stuck')
        : undefined;
    case 'dismissed':
      return now - phaseSince >= timing.dismissMs ? leave('kill', 'stuck') : undefined;
    case 'aborted':
      return isOver(supervision.abortSeconds) ? leave('kill', 'stuck') : undefined;
    case 'killed':
      return undefined;
  }
}

function hasTooMuchMemory({ supervision: { memoryBytesMax }, report }: WorkerState): boolean {
  return memoryBytesMax > 0 && report !== undefined && report.rssBytes >= memoryBytesMax;
}
