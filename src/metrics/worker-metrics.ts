/** What a worker measures of itself. Counting allocates nothing. */

import { EventLoopMeter } from './event-loop-meter.ts';
import {
  type DecisionOutcome,
  decisionOutcomes,
  durationBounds,
  type RequestOutcome,
  type RequestRole,
  requestOutcomes,
} from './labels.ts';
import {
  type CertificateExpiry,
  certificatesMax,
  listsToldMax,
  type RevocationListDates,
  type RoleCounters,
  type WorkerGauges,
  type WorkerSnapshot,
} from './snapshot.ts';

export interface WorkerMetricsParts {
  /** What the worker serves. */
  readonly roles: readonly RequestRole[];
  /** Certificates that the worker has read; asked at each snapshot. */
  readonly certificates?: () => readonly CertificateExpiry[];
  /** Revocation lists that are in force in the worker; asked at each snapshot. */
  readonly revocationLists?: () => readonly RevocationListDates[];
  /** As {@link WorkerGauges.revocationSeconds}; asked at each snapshot. */
  readonly revocationSeconds?: () => number;
  /** Whether the store answers, as {@link WorkerGauges.isStoreUp}; asked at each snapshot. */
  readonly isStoreUp?: () => boolean | undefined;
  /** As {@link WorkerGauges.edgeDecisionSeconds}; 0 unless given. */
  readonly edgeDecisionSeconds?: number;
  /** Lines that the log has lost since the start; asked at each snapshot. */
  readonly logLinesLost?: () => number;
  /** Decisions that the store did not get since the start; asked at each snapshot. */
  readonly decisionsLost?: () => number;
}

export interface WorkerMetrics extends Disposable {
  /** What counts the requests of a role: fetched once, called for each request. */
  requestsOf(role: RequestRole): RequestCounter;
  /** A rule was asked, or its remembered answer was found. */
  decided(outcome: DecisionOutcome, isRemembered: boolean): void;
  /** The numbers of uWSGI, over all roles. */
  readonly totals: WorkerTotals;
  /** Plain data of a bounded size. Begins the time over which the gauges of the next are taken. */
  snapshot(): WorkerSnapshot;
}

export interface RequestCounter {
  /**
   * A request has ended.
   *
   * @param seconds from its arrival to the end of its response
   * @param bytes of the response
   */
  ended(outcome: RequestOutcome, seconds: number, bytes: number): void;
}

export interface WorkerTotals {
  readonly requests: number;
  /** Requests that ended with a fault of ours, those over their time limit included. */
  readonly exceptions: number;
  readonly overdue: number;
  readonly bytesSent: number;
  /** Durations of all requests, microseconds. */
  readonly runningMicroseconds: number;
  /** After each request the mean of this and of its duration, as uWSGI's `avg_rt`, microseconds. */
  readonly averageMicroseconds: number;
}

const outcomeIndexes = indexesOf(requestOutcomes);
const decisionIndexes = indexesOf(decisionOutcomes);

export function createWorkerMetrics(parts: WorkerMetricsParts): WorkerMetrics {
  const totals = new Totals();
  const counters = new Map(parts.roles.map((role) => [role, new RoleCounter(totals)]));
  const decisions = new Float64Array(decisionOutcomes.length * 2);
  const eventLoop = new EventLoopMeter();
  return {
    requestsOf: (role) => {
      const counter = counters.get(role);
      if (counter === undefined) throw new Error(`the worker was not given the role ${role}`);
      return counter;
    },
    decided: (outcome, isRemembered) => {
      const index = decisionIndexes[outcome] * 2 + (isRemembered ? 1 : 0);
      decisions[index] = (decisions[index] ?? 0) + 1;
    },
    totals,
    snapshot: () => ({
      roles: Object.fromEntries([...counters].map(([role, counter]) => [role, counter.read()])),
      decisions: [...decisions],
      logLinesLost: parts.logLinesLost?.() ?? 0,
      decisionsLost: parts.decisionsLost?.() ?? 0,
      gauges: {
        ...eventLoop.read(),
        certificates: (parts.certificates?.() ?? []).slice(0, certificatesMax),
        revocationLists: (parts.revocationLists?.() ?? []).slice(0, listsToldMax),
        revocationSeconds: parts.revocationSeconds?.() ?? 0,
        isStoreUp: parts.isStoreUp?.(),
        edgeDecisionSeconds: parts.edgeDecisionSeconds ?? 0,
      },
    }),
    [Symbol.dispose]: () => eventLoop[Symbol.dispose](),
  };
}

class Totals implements WorkerTotals {
  requests = 0;
  exceptions = 0;
  overdue = 0;
  bytesSent = 0;
  runningMicroseconds = 0;
  averageMicroseconds = 0;

  add(outcome: RequestOutcome, seconds: number, bytes: number): void {
    const microseconds = seconds * 1e6;
    this.requests += 1;
    if (outcome === 'fault' || outcome === 'overdue') this.exceptions += 1;
    if (outcome === 'overdue') this.overdue += 1;
    this.bytesSent += bytes;
    this.runningMicroseconds += microseconds;
    this.averageMicroseconds = (this.averageMicroseconds + microseconds) / 2;
  }
}

class RoleCounter implements RequestCounter {
  readonly #totals: Totals;
  readonly #outcomes = new Float64Array(requestOutcomes.length);
  readonly #durations = new Float64Array(durationBounds.length + 1);
  #seconds = 0;
  #bytes = 0;

  constructor(totals: Totals) {
    this.#totals = totals;
  }

  ended(outcome: RequestOutcome, seconds: number, bytes: number): void {
    const index = outcomeIndexes[outcome];
    this.#outcomes[index] = (this.#outcomes[index] ?? 0) + 1;
    const bucket = bucketOf(seconds);
    this.#durations[bucket] = (this.#durations[bucket] ?? 0) + 1;
    this.#seconds += seconds;
    this.#bytes += bytes;
    this.#totals.add(outcome, seconds, bytes);
  }

  read(): RoleCounters {
    return {
      outcomes: [...this.#outcomes],
      durations: [...this.#durations],
      seconds: this.#seconds,
      bytes: this.#bytes,
    };
  }
}

/** Most requests are fast, so the first bounds are met soonest. */
function bucketOf(seconds: number): number {
  let bucket = 0;
  while (seconds > (durationBounds[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
  return bucket;
}

function indexesOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, index) => [name, index])) as Record<Name, number>;
}
