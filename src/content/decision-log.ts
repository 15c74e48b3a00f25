/** The decision log: one line for each request, in the words of `explain`. */

import type { Verdict } from '../access/decision.ts';
import type { Logger } from '../log.ts';
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
  evidence?: Evidence;
  verdict?: Verdict;
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

export function logDelivery(log: Logger, record: DecisionRecord, delivery: Delivery): void {
  const level = delivery.outcome === 'failed' ? 'error' : 'info';
  log[level]('request', {
    ...describe(record),
    outcome: 'allow',
    status: delivery.status,
    delivery: delivery.outcome,
    bytes: delivery.bytes,
    chargedBytes: record.chargedBytes,
    reason: delivery.detail,
    milliseconds: elapsed(record),
  });
}

export function logRefusal(log: Logger, record: DecisionRecord, refusal: Refusal): void {
  log[logLevelOf(refusal)]('request', {
    ...describe(record),
    outcome: outcomeOf(refusal),
    status: refusal.status,
    code: refusal.code,
    reason: refusal.reason,
    milliseconds: elapsed(record),
  });
}

function describe(record: DecisionRecord): Record<string, unknown> {
  const { evidence, verdict } = record;
  const allowed = verdict?.outcome === 'allow' ? verdict : undefined;
  return {
    requestId: record.requestId,
    method: record.method,
    path: maskTokens(record.path ?? record.target),
    distribution: record.distribution,
    rule: allowed?.rule,
    principal: allowed?.principal && `${allowed.principal.kind}:${allowed.principal.name}`,
    subject: allowed?.principal?.label,
    address: evidence?.address,
    user: evidence?.basic && maskTokens(evidence.basic.user),
    certificate: describeCertificate(evidence?.certificate),
  };
}

function describeCertificate(certificate: Evidence['certificate']): string | undefined {
  if (certificate === undefined) return undefined;
  return 'unusable' in certificate ? 'unusable' : `sha256:${certificate.fingerprint}`;
}

function elapsed(record: DecisionRecord): number {
  return Math.round((performance.now() - record.startedAt) * 1000) / 1000;
}
