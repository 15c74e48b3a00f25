/** The reading of a worker's report, which is not believed either. */

import type { Counters } from './counters.ts';
import { countOf, fieldsOf, readSnapshot, type WorkerGauges } from './snapshot.ts';

export interface Reading {
  readonly counters: Counters;
  readonly gauges: ReportGauges;
}

export interface ReportGauges extends WorkerGauges {
  readonly requestsInFlight: number;
  readonly connections: number;
  readonly rssBytes: number;
  readonly averageMicroseconds: number;
}

/** What `value` says, with zeros for whatever it does not say properly. */
export function readReport(value: unknown): Reading {
  const report = fieldsOf(value);
  const { gauges, ...counters } = readSnapshot(report.metrics);
  return {
    counters: {
      requests: countOf(report.requests),
      exceptions: countOf(report.exceptions),
      overdue: countOf(report.overdue),
      bytesSent: countOf(report.bytesSent),
      runningMicroseconds: countOf(report.runningMicroseconds),
      ...counters,
    },
    gauges: {
      ...gauges,
      requestsInFlight: countOf(report.requestsInFlight),
      connections: countOf(report.connections),
      rssBytes: countOf(report.rssBytes),
      averageMicroseconds: countOf(report.averageMicroseconds),
    },
  };
}
