/**
 * Reads what a worker says. It runs plugins and other people's applications, so nothing of it is
 * believed to have the right shape or a sensible size.
 */

import type { FromWorker, WorkerReport } from './messages.ts';

/** The longest reason of a worker that cannot start, in characters; more is cut. */
export const reasonCharactersMax = 8192;

/** The longest path of a request in a report, in characters; more is cut. */
export const pathCharactersMax = 1024;

const addressesMax = 64;
const shortTextCharactersMax = 256;

/** @returns undefined for what is no message */
export function readMessage(value: unknown): FromWorker | undefined {
  if (!isRecord(value)) return undefined;
  switch (value.type) {
    case 'ready':
      return {
        type: 'ready',
        addresses: readAddresses(value.addresses),
        version: text(value.version, shortTextCharactersMax),
      };
    case 'failed':
      return {
        type: 'failed',
        reason: text(value.reason, reasonCharactersMax),
        exitCode: exitCode(value.exitCode),
      };
    case 'heartbeat':
      return isRecord(value.report)
        ? { type: 'heartbeat', report: readReport(value.report) }
        : undefined;
    default:
      return undefined;
  }
}

function readReport(value: Readonly<Record<string, unknown>>): WorkerReport {
  return {
    requests: count(value.requests),
    exceptions: count(value.exceptions),
    overdue: count(value.overdue),
    requestsInFlight: count(value.requestsInFlight),
    oldestRequest: readRequest(value.oldestRequest),
    connections: count(value.connections),
    bytesSent: count(value.bytesSent),
    runningMicroseconds: count(value.runningMicroseconds),
    averageMicroseconds: count(value.averageMicroseconds),
    rssBytes: count(value.rssBytes),
    metrics: value.metrics,
  };
}

function readRequest(value: unknown): WorkerReport['oldestRequest'] {
  if (!isRecord(value)) return undefined;
  return {
    method: text(value.method, shortTextCharactersMax),
    path: text(value.path, pathCharactersMax),
    milliseconds: count(value.milliseconds),
  };
}

function readAddresses(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, addressesMax).map((address) => text(address, shortTextCharactersMax));
}

/** As a process may end with; a worker that could not start has not ended well. */
function exitCode(value: unknown): number {
  const isCode = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 255;
  return isCode ? Number(value) : 1;
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

function text(value: unknown, charactersMax: number): string {
  return typeof value === 'string' ? value.slice(0, charactersMax) : '';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
