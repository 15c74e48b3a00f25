/** The page of metrics: the primary's own, and those of its workers. */

import type { Totals } from './aggregate.ts';
import { exposition, type Family, type Sample } from './exposition.ts';
import { requestFamilies, workerFamilies } from './request-families.ts';
import { type PrimaryStatus, workerPhases } from './status.ts';
import { trustFamilies } from './trust-families.ts';

/** The metrics in the text format of Prometheus. */
export function metricsText(status: PrimaryStatus, totals: Totals): string {
  return exposition([
    ...primaryFamilies(status),
    ...poolFamilies(status),
    ...requestFamilies(totals),
    ...workerFamilies(totals),
    ...trustFamilies(totals),
  ]);
}

function primaryFamilies(status: PrimaryStatus): readonly Family[] {
  const { version, startedAt, rssBytes, generation, logLinesLost } = status;
  return [
    {
      name: 'portcullis_build_info',
      type: 'gauge',
      help: 'The versions of Portcullis and Node.js; always 1.',
      samples: [{ labels: { version, node: process.versions.node }, value: 1 }],
    },
    single('process_start_time_seconds', 'gauge', 'When the primary started.', unixTime(startedAt)),
    single('process_resident_memory_bytes', 'gauge', 'Resident memory of the primary.', rssBytes),
    single(
      'portcullis_generation',
      'gauge',
      'The configuration that is served: 1, and one more for each reload that was begun.',
      generation,
    ),
    {
      name: 'portcullis_reloads_total',
      type: 'counter',
      help: 'Reloads, by outcome.',
      samples: byName('outcome', status.reloads),
    },
    {
      name: 'portcullis_worker_restarts_total',
      type: 'counter',
      help: 'Workers that were started in place of another, by what ended the other.',
      samples: byName('cause', status.restarts),
    },
    single(
      'portcullis_primary_log_lines_lost_total',
      'counter',
      'Log lines of the primary that could not be written.',
      logLinesLost,
    ),
  ];
}

function poolFamilies({ pools, workers, listeners }: PrimaryStatus): readonly Family[] {
  return [
    {
      name: 'portcullis_workers',
      type: 'gauge',
      help: 'Worker processes, by what they are doing.',
      samples: pools.flatMap(({ name: pool }) => {
        const phases = workers.filter((worker) => worker.pool === pool).map(({ phase }) => phase);
        return workerPhases.map((phase) => ({
          labels: { pool, phase },
          value: phases.filter((each) => each === phase).length,
        }));
      }),
    },
    {
      name: 'portcullis_workers_wanted',
      type: 'gauge',
      help: 'Workers that a pool should have.',
      samples: pools.map(({ name: pool, wanted }) => ({ labels: { pool }, value: wanted })),
    },
    {
      name: 'portcullis_listen_queue_connections',
      type: 'gauge',
      help: 'Connections that wait to be accepted on the TCP sockets of a listener.',
      samples: queueSamples(listeners),
    },
  ];
}

/** The kernel does not tell how many wait on a unix socket, and 0 would be a lie. */
function queueSamples(listeners: PrimaryStatus['listeners']): readonly Sample[] {
  const queues = listeners.filter(({ address }) => address.type === 'tcp');
  return [...Map.groupBy(queues, ({ pool, name }) => `${pool} ${name}`).values()].map((same) => ({
    labels: { pool: same[0]?.pool ?? '', listener: same[0]?.name ?? '' },
    value: same.reduce((sum, { queue }) => sum + queue, 0),
  }));
}

function single(name: string, type: Family['type'], help: string, value: number): Family {
  return { name, type, help, samples: [{ value }] };
}

function byName(label: string, counts: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

function unixTime(date: Date): number {
  return date.getTime() / 1000;
}
