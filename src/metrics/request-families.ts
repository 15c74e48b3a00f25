/** The families of metrics that tell what the workers did. */

import type { ProcessReading, Totals } from './aggregate.ts';
import type { Counters } from './counters.ts';
import { type Family, histogramSamples, type Labels, type Sample } from './exposition.ts';
import {
  decisionOutcomes,
  durationBounds,
  type RequestRole,
  requestOutcomes,
  requestRoles,
} from './labels.ts';
import type { RoleCounters } from './snapshot.ts';
import { storesUp } from './store-health.ts';

/** Counters over all workers that ever were, by pool. */
export function requestFamilies({ pools }: Totals): readonly Family[] {
  return [
    {
      name: 'portcullis_requests_total',
      type: 'counter',
      help: 'Requests that ended, by how they ended.',
      samples: forRoles(pools, (labels, { outcomes }) =>
        requestOutcomes.map((outcome, index) => ({
          labels: { ...labels, outcome },
          value: outcomes[index] ?? 0,
        })),
      ),
    },
    {
      name: 'portcullis_request_duration_seconds',
      type: 'histogram',
      help: 'Time from the arrival of a request to the end of its response.',
      samples: forRoles(pools, (labels, { durations, seconds }) =>
        histogramSamples(labels, durationBounds, durations, seconds),
      ),
    },
    {
      name: 'portcullis_response_bytes_total',
      type: 'counter',
      help: 'Bytes of responses that workers sent; those that a front sends for them are not in it.',
      samples: forRoles(pools, (labels, { bytes }) => [{ labels, value: bytes }]),
    },
    {
      name: 'portcullis_decisions_total',
      type: 'counter',
      help: 'Answers of rules, and whether they were remembered from an earlier request.',
      samples: forPools(pools, (labels, { decisions }) => decisionSamples(labels, decisions)),
    },
    {
      name: 'portcullis_log_lines_lost_total',
      type: 'counter',
      help: 'Log lines of workers that could not be written.',
      samples: forPools(pools, (labels, { logLinesLost }) => [{ labels, value: logLinesLost }]),
    },
    {
      name: 'portcullis_stored_decisions_lost_total',
      type: 'counter',
      help: 'Decisions that were to be kept in the store and could not be.',
      samples: forPools(pools, (labels, { decisionsLost }) => [{ labels, value: decisionsLost }]),
    },
  ];
}

/** Gauges of the workers that live. */
export function workerFamilies(totals: Totals): readonly Family[] {
  const readings = [...totals.processes.values()];
  return [
    {
      name: 'portcullis_worker_resident_memory_bytes',
      type: 'gauge',
      help: 'Resident memory of a worker.',
      samples: forWorkers(readings, ({ rssBytes }) => rssBytes, add),
    },
    {
      name: 'portcullis_worker_connections',
      type: 'gauge',
      help: 'Connections that are open to a worker.',
      samples: forWorkers(readings, ({ connections }) => connections, add),
    },
    {
      name: 'portcullis_worker_requests_in_flight',
      type: 'gauge',
      help: 'Requests that a worker is serving.',
      samples: forWorkers(readings, ({ requestsInFlight }) => requestsInFlight, add),
    },
    {
      name: 'portcullis_worker_event_loop_delay_seconds',
      type: 'gauge',
      help: 'The longest that the event loop of a worker was held up within its last heartbeat.',
      samples: forWorkers(readings, (gauges) => gauges.eventLoopDelaySeconds, Math.max),
    },
    {
      name: 'portcullis_worker_event_loop_utilization_ratio',
      type: 'gauge',
      help: 'Share of the last heartbeat in which the event loop of a worker had work.',
      samples: forWorkers(readings, (gauges) => gauges.eventLoopUtilization, Math.max),
    },
    {
      name: 'portcullis_store_up',
      type: 'gauge',
      help: 'Whether the store answers all workers of a pool that uses it: 1, or 0.',
      samples: [...storesUp(totals)].map(([pool, isUp]) => ({
        labels: { pool },
        value: isUp ? 1 : 0,
      })),
    },
  ];
}

function decisionSamples(labels: Labels, decisions: readonly number[]): readonly Sample[] {
  return decisionOutcomes.flatMap((outcome, index) =>
    [false, true].map((isRemembered, offset) => ({
      labels: { ...labels, outcome, remembered: String(isRemembered) },
      value: decisions[index * 2 + offset] ?? 0,
    })),
  );
}

function forPools(
  pools: Totals['pools'],
  samples: (labels: Labels, counters: Counters) => readonly Sample[],
): readonly Sample[] {
  return [...pools].flatMap(([pool, counters]) => samples({ pool }, counters));
}

function forRoles(
  pools: Totals['pools'],
  samples: (labels: Labels, counters: RoleCounters) => readonly Sample[],
): readonly Sample[] {
  return forPools(pools, ({ pool = '' }, { roles }) =>
    requestRoles.flatMap((role: RequestRole) => {
      const counters = roles[role];
      return counters === undefined ? [] : samples({ pool, role }, counters);
    }),
  );
}

/** One sample for each worker: two processes have one number while one replaces the other. */
function forWorkers(
  readings: readonly ProcessReading[],
  value: (gauges: ProcessReading['gauges']) => number,
  together: (one: number, other: number) => number,
): readonly Sample[] {
  return [...Map.groupBy(readings, ({ number }) => number)].map(([worker, same]) => ({
    labels: { pool: same[0]?.pool ?? '', worker },
    value: same.map(({ gauges }) => value(gauges)).reduce(together),
  }));
}

function add(one: number, other: number): number {
  return one + other;
}
