/** A primary with workers, for tests of what is told of it. */

import type { RequestOutcome } from '../../src/metrics/labels.ts';
import type { PrimaryStatus, WorkerStatus } from '../../src/metrics/status.ts';
import { createWorkerMetrics } from '../../src/metrics/worker-metrics.ts';

interface SampleReport {
  readonly outcome?: RequestOutcome;
  readonly inFlight?: number;
  readonly isStoreUp?: boolean;
}

/** A report as a worker sends it, after `requests` that each took 4 ms and gave 1000 bytes. */
export function sampleReport(
  requests: number,
  { outcome = 'ok', inFlight = 0, isStoreUp = true }: SampleReport = {},
): Readonly<Record<string, unknown>> {
  using metrics = createWorkerMetrics({
    roles: ['content'],
    certificates: () => [{ name: 'listen.tls.certificate', expiresAt: 1_800_000_000 }],
    revocationLists: () => [
      { authority: 'O=Acme,CN=root', thisUpdate: 1_700_000_000, nextUpdate: 1_700_600_000 },
    ],
    isStoreUp: () => isStoreUp,
  });
  const counter = metrics.requestsOf('content');
  for (let request = 0; request < requests; request += 1) {
    counter.ended(outcome, 0.004, 1000);
    metrics.decided('allow', request > 0);
  }
  const { exceptions, overdue, bytesSent, runningMicroseconds, averageMicroseconds } =
    metrics.totals;
  const report = {
    ...{ requests, exceptions, overdue, bytesSent, runningMicroseconds, averageMicroseconds },
    requestsInFlight: inFlight,
    oldestRequest: inFlight === 0 ? undefined : { method: 'GET', path: '/secret', milliseconds: 1 },
    connections: inFlight,
    rssBytes: 100 * 1024 * 1024,
    metrics: metrics.snapshot(),
  };
  return JSON.parse(JSON.stringify(report));
}

export function sampleWorker(more: Partial<WorkerStatus> = {}): WorkerStatus {
  return {
    number: 1,
    pool: 'main',
    pid: 1001,
    generation: 1,
    phase: 'serving',
    startedAt: new Date('2026-11-21T10:00:00Z'),
    spawns: 1,
    report: sampleReport(2),
    ...more,
  };
}

export function sampleStatus(more: Partial<PrimaryStatus> = {}): PrimaryStatus {
  return {
    version: '0.1.0',
    pid: 1000,
    uid: 33,
    gid: 33,
    cwd: '/',
    startedAt: new Date('2026-11-21T09:00:00Z'),
    rssBytes: 50 * 1024 * 1024,
    logLinesLost: 0,
    state: 'serving',
    generation: 1,
    pools: [{ name: 'main', wanted: 2, serving: 2 }],
    workers: [sampleWorker(), sampleWorker({ number: 2, pid: 1002, report: sampleReport(3) })],
    restarts: { died: 1, reload: 2 },
    lastRestart: { worker: 2, cause: 'died', at: new Date('2026-11-21T10:00:00Z') },
    reloads: { done: 1, refused: 0, superseded: 0 },
    lastRefusal: undefined,
    listeners: [
      {
        pool: 'main',
        name: 'uwsgi',
        address: { type: 'unix', path: '/run/portcullis/content.sock' },
        queue: 0,
        queueMax: 4096,
      },
      {
        pool: 'main',
        name: 'tls',
        address: { type: 'tcp', host: '::1', port: 8443 },
        queue: 3,
        queueMax: 4096,
      },
    ],
    ...more,
  };
}
