/** An entry of the decision log as JSON: one shape for the command line and the API. */

import type { DecisionEntry } from './entry.ts';

export interface PresentedDecision {
  readonly time: string;
  readonly request_id: string;
  readonly method: string;
  readonly path: string;
  readonly distribution: string | null;
  readonly publication: string | null;
  readonly outcome: string;
  readonly status: number;
  readonly code: string | null;
  readonly reason: string | null;
  readonly rule: string | null;
  readonly principal: string | null;
  readonly subject: string | null;
  readonly address: string | null;
  readonly secure: boolean;
  readonly user: string | null;
  readonly remote_user: string | null;
  readonly fingerprint: string | null;
  readonly unlogged: readonly string[];
  readonly remembered: boolean;
  readonly delivery: string | null;
  readonly bytes: number | null;
  readonly handed_over: number | null;
  readonly charged_bytes: number | null;
  readonly milliseconds: number;
}

export function presentDecision(entry: DecisionEntry): PresentedDecision {
  return {
    time: entry.time.toISOString(),
    request_id: entry.requestId,
    method: entry.method,
    path: entry.path,
    distribution: entry.distribution ?? null,
    publication: entry.publication ?? null,
    outcome: entry.outcome,
    status: entry.status,
    code: entry.code ?? null,
    reason: entry.reason ?? null,
    rule: entry.rule ?? null,
    principal: entry.principal ?? null,
    subject: entry.subject ?? null,
    address: entry.address ?? null,
    secure: entry.secure ?? true,
    user: entry.user ?? null,
    remote_user: entry.remoteUser ?? null,
    fingerprint: fingerprintOf(entry) ?? null,
    unlogged: entry.unlogged ?? [],
    remembered: entry.remembered ?? false,
    delivery: entry.delivery ?? null,
    bytes: entry.bytes ?? null,
    handed_over: entry.handedOver ?? null,
    charged_bytes: entry.chargedBytes ?? null,
    milliseconds: entry.milliseconds,
  };
}

/** 64 hex digits; undefined where no certificate came, or none that could be read. */
export function fingerprintOf({ certificate }: DecisionEntry): string | undefined {
  return certificate?.startsWith('sha256:') ? certificate.slice('sha256:'.length) : undefined;
}
