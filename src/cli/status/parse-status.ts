/** The reading of an instance's status, from a document that may be anybody's. */

import type {
  PortcullisPool,
  PortcullisRestart,
  PortcullisStatus,
  PortcullisWorker,
} from '../../metrics/portcullis-status.ts';
import { countOf, fieldsOf } from '../../metrics/snapshot.ts';
import { type WorkerPhase, workerPhases } from '../../metrics/status.ts';
import { listEntriesMax, listOf, textOf } from './untrusted.ts';

const states = ['starting', 'serving', 'reloading', 'stopping'] as const;

/** Undefined when `document` is not that of an instance of Portcullis. */
export function parseStatus(document: unknown): PortcullisStatus | undefined {
  const status = fieldsOf(fieldsOf(document).portcullis);
  const state = states.find((one) => one === status.state);
  if (status.schema !== 1 || state === undefined) return undefined;
  return {
    schema: 1,
    version: textOf(status.version),
    pid: countOf(status.pid),
    startedAt: countOf(status.startedAt),
    state,
    ready: status.ready === true,
    reasons: listOf(status.reasons).map(textOf),
    generation: countOf(status.generation),
    requests: countOf(status.requests),
    pools: listOf(status.pools).map(poolOf),
    workers: listOf(status.workers).map(workerOf),
    restarts: countsOf(status.restarts),
    lastRestart: restartOf(status.lastRestart),
    reloads: countsOf(status.reloads),
    lastRefusal: typeof status.lastRefusal === 'string' ? textOf(status.lastRefusal) : null,
  };
}

function poolOf(value: unknown): PortcullisPool {
  const { name, wanted, serving, storeUp } = fieldsOf(value);
  return {
    name: textOf(name),
    wanted: countOf(wanted),
    serving: countOf(serving),
    storeUp: typeof storeUp === 'boolean' ? storeUp : null,
  };
}

function workerOf(value: unknown): PortcullisWorker {
  const worker = fieldsOf(value);
  return {
    worker: countOf(worker.worker),
    pool: textOf(worker.pool),
    pid: countOf(worker.pid),
    phase: phaseOf(worker.phase),
    generation: countOf(worker.generation),
    startedAt: countOf(worker.startedAt),
    spawns: countOf(worker.spawns),
    requests: countOf(worker.requests),
    exceptions: countOf(worker.exceptions),
    requestsInFlight: countOf(worker.requestsInFlight),
    connections: countOf(worker.connections),
    busy: Math.min(countOf(worker.busy), 1),
    averageMilliseconds: countOf(worker.averageMilliseconds),
    memoryBytes: countOf(worker.memoryBytes),
  };
}

/** A phase that a newer instance may have is shown as one that takes no requests. */
function phaseOf(value: unknown): WorkerPhase {
  return workerPhases.find((phase) => phase === value) ?? 'starting';
}

function restartOf(value: unknown): PortcullisRestart | null {
  if (value === null || value === undefined) return null;
  const { worker, cause, at } = fieldsOf(value);
  return { worker: countOf(worker), cause: textOf(cause), at: countOf(at) };
}

function countsOf(value: unknown): Readonly<Record<string, number>> {
  const entries = Object.entries(fieldsOf(value)).slice(0, listEntriesMax);
  return Object.fromEntries(entries.map(([name, count]) => [textOf(name), countOf(count)]));
}
