/** Everything that workers count, added up or taken at its highest. */

import { decisionOutcomes, durationBounds, requestOutcomes, requestRoles } from './labels.ts';
import type { RoleCounters, WorkerSnapshot } from './snapshot.ts';

export interface Counters extends RequestTotals, Omit<WorkerSnapshot, 'gauges'> {}

export interface RequestTotals {
  readonly requests: number;
  readonly exceptions: number;
  readonly overdue: number;
  readonly bytesSent: number;
  readonly runningMicroseconds: number;
}

export const noCounters: Counters = {
  requests: 0,
  exceptions: 0,
  overdue: 0,
  bytesSent: 0,
  runningMicroseconds: 0,
  roles: {},
  decisions: zeros(decisionOutcomes.length * 2),
  logLinesLost: 0,
  decisionsLost: 0,
};

const noRole: RoleCounters = {
  outcomes: zeros(requestOutcomes.length),
  durations: zeros(durationBounds.length + 1),
  seconds: 0,
  bytes: 0,
};

/** The counters of two workers together. */
export function addCounters(one: Counters, other: Counters): Counters {
  return combine(one, other, (left, right) => left + right);
}

/** The counters of one worker at two times: none of them goes back. */
export function highestCounters(one: Counters, other: Counters): Counters {
  return combine(one, other, Math.max);
}

type Operation = (left: number, right: number) => number;

function combine(one: Counters, other: Counters, by: Operation): Counters {
  const roles = requestRoles.filter((role) => role in one.roles || role in other.roles);
  return {
    requests: by(one.requests, other.requests),
    exceptions: by(one.exceptions, other.exceptions),
    overdue: by(one.overdue, other.overdue),
    bytesSent: by(one.bytesSent, other.bytesSent),
    runningMicroseconds: by(one.runningMicroseconds, other.runningMicroseconds),
    roles: Object.fromEntries(
      roles.map((role) => [
        role,
        combineRoles(one.roles[role] ?? noRole, other.roles[role] ?? noRole, by),
      ]),
    ),
    decisions: combineLists(one.decisions, other.decisions, by),
    logLinesLost: by(one.logLinesLost, other.logLinesLost),
    decisionsLost: by(one.decisionsLost, other.decisionsLost),
  };
}

function combineRoles(one: RoleCounters, other: RoleCounters, by: Operation): RoleCounters {
  return {
    outcomes: combineLists(one.outcomes, other.outcomes, by),
    durations: combineLists(one.durations, other.durations, by),
    seconds: by(one.seconds, other.seconds),
    bytes: by(one.bytes, other.bytes),
  };
}

function combineLists(one: readonly number[], other: readonly number[], by: Operation) {
  return one.map((value, index) => by(value, other[index] ?? 0));
}

function zeros(length: number): readonly number[] {
  return Array.from({ length }, () => 0);
}
