/**
 * What a worker counts, as plain numbers that cross a channel; and the reading of what came across.
 *
 * A worker runs plugins, so what it sends is not believed: whatever is not such a number counts as
 * zero, and nothing that it sends becomes a label, but for the bounded names of its certificates and CAs.
 */

import {
  decisionOutcomes,
  durationBounds,
  type RequestRole,
  requestOutcomes,
  requestRoles,
} from './labels.ts';

/** Certificates that one worker tells of; what is over it is left out. */
export const certificatesMax = 256;

/** The longest name of a certificate, in characters; one above it is left out. */
export const certificateNameCharactersMax = 200;

/** Revocation lists that one worker tells of; what is over it is left out. */
export const listsToldMax = 256;

/** Counters of a worker since its start, and its gauges. */
export interface WorkerSnapshot {
  /** For the roles that the worker has. */
  readonly roles: Readonly<Partial<Record<RequestRole, RoleCounters>>>;
  /** For each outcome in the order of {@link decisionOutcomes}: decided anew, then remembered. */
  readonly decisions: readonly number[];
  /** Lines that the log could not take. */
  readonly logLinesLost: number;
  /** Decisions that the store did not get. */
  readonly decisionsLost: number;
  readonly gauges: WorkerGauges;
}

export interface RoleCounters {
  /** In the order of {@link requestOutcomes}. */
  readonly outcomes: readonly number[];
  /** Requests by duration: up to each of {@link durationBounds} and above the one before, and the rest. */
  readonly durations: readonly number[];
  /** Sum of the durations, seconds. */
  readonly seconds: number;
  /** Bytes of the responses. */
  readonly bytes: number;
}

export interface WorkerGauges {
  /** The longest that the event loop was held up since the snapshot before, seconds. */
  readonly eventLoopDelaySeconds: number;
  /** Share of the time since the snapshot before in which the event loop worked, 0 to 1. */
  readonly eventLoopUtilization: number;
  readonly certificates: readonly CertificateExpiry[];
  readonly revocationLists: readonly RevocationListDates[];
  /** How soon a revocation holds at the latest, by what its rules go by; 0 where they go by nothing. */
  readonly revocationSeconds: number;
  /** Whether the store answers; undefined where none is used, and until it was asked. */
  readonly isStoreUp: boolean | undefined;
  /** For how long nginx may go by an allow without asking, seconds; 0: not at all. */
  readonly edgeDecisionSeconds: number;
}

export interface CertificateExpiry {
  /** The setting that names the file, as `listen.tls.certificate`, or its path. */
  readonly name: string;
  /** Unix time of the end of its validity, seconds. */
  readonly expiresAt: number;
}

/** Of a revocation list that is in force. */
export interface RevocationListDates {
  /** The CA as people read it. */
  readonly authority: string;
  /** Unix time, seconds. */
  readonly thisUpdate: number;
  /** Unix time, seconds. */
  readonly nextUpdate: number;
}

/** The snapshot in `value`, complete and bounded whatever it is. */
export function readSnapshot(value: unknown): WorkerSnapshot {
  const { roles, decisions, logLinesLost, decisionsLost, gauges } = fieldsOf(value);
  const given = fieldsOf(roles);
  const known = requestRoles.filter((role) => Object.hasOwn(given, role));
  return {
    roles: Object.fromEntries(known.map((role) => [role, readRole(given[role])])),
    decisions: countsOf(decisions, decisionOutcomes.length * 2),
    logLinesLost: countOf(logLinesLost),
    decisionsLost: countOf(decisionsLost),
    gauges: readGauges(gauges),
  };
}

/** A number that is finite and not negative; 0 for anything else. */
export function countOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : 0;
}

/** The fields of an object; none for anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function readRole(value: unknown): RoleCounters {
  const { outcomes, durations, seconds, bytes } = fieldsOf(value);
  return {
    outcomes: countsOf(outcomes, requestOutcomes.length),
    durations: countsOf(durations, durationBounds.length + 1),
    seconds: countOf(seconds),
    bytes: countOf(bytes),
  };
}

function readGauges(value: unknown): WorkerGauges {
  const { eventLoopDelaySeconds, eventLoopUtilization, certificates, ...rest } = fieldsOf(value);
  const { revocationLists, revocationSeconds, isStoreUp, edgeDecisionSeconds } = rest;
  return {
    eventLoopDelaySeconds: countOf(eventLoopDelaySeconds),
    eventLoopUtilization: Math.min(countOf(eventLoopUtilization), 1),
    certificates: listOf(certificates, certificatesMax).flatMap(readCertificate),
    revocationLists: listOf(revocationLists, listsToldMax).flatMap(readListDates),
    revocationSeconds: countOf(revocationSeconds),
    isStoreUp: typeof isStoreUp === 'boolean' ? isStoreUp : undefined,
    edgeDecisionSeconds: countOf(edgeDecisionSeconds),
  };
}

function listOf(value: unknown, max: number): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, max) : [];
}

function readCertificate(value: unknown): readonly CertificateExpiry[] {
  const { name, expiresAt } = fieldsOf(value);
  return isName(name) ? [{ name, expiresAt: countOf(expiresAt) }] : [];
}

function readListDates(value: unknown): readonly RevocationListDates[] {
  const { authority, thisUpdate, nextUpdate } = fieldsOf(value);
  if (!isName(authority)) return [];
  return [{ authority, thisUpdate: countOf(thisUpdate), nextUpdate: countOf(nextUpdate) }];
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= certificateNameCharactersMax;
}

function countsOf(value: unknown, length: number): readonly number[] {
  const given: readonly unknown[] = Array.isArray(value) ? value : [];
  return Array.from({ length }, (_, index) => countOf(given[index]));
}
