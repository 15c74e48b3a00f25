/** The decision log: one line for each request, in the words of `explain`. */

import type { Verdict } from '../access/decision.ts';
import type { DecisionAudit } from '../audit/audit.ts';
import type { DecisionFields, Unlogged } from '../audit/entry.ts';
import { encodePath } from '../http/canonical-path.ts';
import type { Logger, LogLevel } from '../log.ts';
import type { Evidence } from '../model.ts';
import { maskTokens } from '../token-form.ts';
import type { Delivery } from './delivery.ts';
import { logLevelOf, outcomeOf, type Refusal } from './refusal.ts';

/** What is known of a request; it grows from step to step, and is written once. */
export interface DecisionRecord {
  readonly requestId: string;
  readonly method: string;
  /** As the client wrote it, without the query, for requests that have no canonical path. */
  readonly target: string;
  /** Milliseconds of the monotonic clock. */
  readonly startedAt: number;
  path?: string;
  distribution?: string;
  /** The id of the publication that has the file. */
  publication?: string | undefined;
  evidence?: Evidence;
  verdict?: Verdict;
  /** Set when the answer of a rule was a remembered one. */
  isRemembered?: true;
  /** What a rule has charged for, in bytes of files and listings. */
  chargedBytes?: number;
}

/** The longest target written, in characters. */
const targetCharactersMax = 512;

export function startRecord(requestId: string, method: string, target: string): DecisionRecord {
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  return {
    requestId,
    method,
    target: maskTokens(path).slice(0, targetCharactersMax),
    startedAt: performance.now(),
  };
}

/** Where a decision is told. */
export interface DecisionSinks {
  readonly log: Logger;
  /** Absent where the decisions are not kept in the store. */
  readonly audit?: DecisionAudit | undefined;
}

export function logDelivery(
  sinks: DecisionSinks,
  record: DecisionRecord,
  delivery: Delivery,
): void {
  const fields: DecisionFields = {
    ...describe(record),
    outcome: 'allow',
    status: delivery.status,
    code: undefined,
    delivery: delivery.outcome,
    bytes: delivery.bytes,
    handedOver: delivery.handedOver,
    chargedBytes: record.chargedBytes,
    reason: delivery.detail,
    milliseconds: elapsed(record),
  };
  tell(sinks, record, delivery.outcome === 'failed' ? 'error' : 'info', fields);
}

export function logRefusal(sinks: DecisionSinks, record: DecisionRecord, refusal: Refusal): void {
  const fields: DecisionFields = {
    ...describe(record),
    outcome: outcomeOf(refusal),
    status: refusal.status,
    code: refusal.code,
    delivery: undefined,
    bytes: undefined,
    handedOver: undefined,
    chargedBytes: undefined,
    reason: refusal.reason,
    milliseconds: elapsed(record),
  };
  tell(sinks, record, logLevelOf(refusal), fields);
}

function tell(
  { log, audit }: DecisionSinks,
  record: DecisionRecord,
  level: LogLevel,
  fields: DecisionFields,
): void {
  log[level]('request', fields);
  audit?.decided(fields, encodedPathOf(record), record.evidence?.certificate);
}

function describe(record: DecisionRecord) {
  const { evidence, verdict } = record;
  const allowed = verdict?.outcome === 'allow' ? verdict : undefined;
  return {
    requestId: record.requestId,
    method: record.method,
    path: maskTokens(record.path ?? record.target),
    distribution: record.distribution,
    publication: record.publication,
    rule: allowed?.rule,
    principal: allowed?.principal && `${allowed.principal.kind}:${allowed.principal.name}`,
    subject: allowed?.principal?.label,
    remembered: record.isRemembered,
    address: evidence?.address,
    secure: evidence?.secure === false ? false : undefined,
    user: evidence?.basic && maskTokens(evidence.basic.user),
    remoteUser: evidence?.remoteUser,
    certificate: describeCertificate(evidence?.certificate),
    unlogged: unloggedOf(evidence),
  };
}

/** What came with the request and must not be logged: that it came is enough to ask for it. */
function unloggedOf(evidence: Evidence | undefined): readonly Unlogged[] | undefined {
  if (evidence === undefined) return undefined;
  const { basic, bearer, pathToken, query } = evidence;
  const unlogged: Unlogged[] = [];
  if (basic !== undefined) unlogged.push('password');
  if (bearer !== undefined || pathToken !== undefined) unlogged.push('token');
  if (query !== undefined) unlogged.push('query');
  return unlogged.length === 0 ? undefined : unlogged;
}

/** As a client would write it. What is no canonical path stays as the client wrote it, in ASCII. */
function encodedPathOf({ path, target }: DecisionRecord): string {
  if (path !== undefined) return encodePath(maskTokens(path));
  return target.replaceAll(/[^\x21-\x7e]/g, (character) => encodePath(character));
}

function describeCertificate(certificate: Evidence['certificate']): string | undefined {
  if (certificate === undefined) return undefined;
  return 'unusable' in certificate ? 'unusable' : `sha256:${certificate.fingerprint}`;
}

function elapsed(record: DecisionRecord): number {
  return Math.round((performance.now() - record.startedAt) * 1000) / 1000;
}
