/** What became of a policy, and the strict reading of what a plugin answered. */

import type { Principal } from '../model.ts';
import type { Decision, Remember } from '../plugin.ts';

/** A rule that could not be evaluated. Not a decision: nobody gets in by it, nobody is told "no". */
export interface Fault {
  readonly outcome: 'fault';
  readonly reason: string;
}

export type RuleOutcome = Decision | Fault;

/** What a whole policy says of one request. Never abstains: neither yes nor no is no. */
export type Verdict =
  | { readonly outcome: 'allow'; readonly principal: Principal | undefined; readonly rule: string }
  | { readonly outcome: 'deny'; readonly reason: string; readonly challenge: 'basic' | undefined }
  | Fault;

/**
 * Reads a plugin's answer. Only the exact shapes of {@link Decision} count; `true`, `"allow"`,
 * `undefined` and everything else that is not one is a fault (T60).
 */
export function readDecision(answer: unknown): RuleOutcome {
  if (!isRecord(answer)) return malformed(answer);
  const { outcome, reason, challenge, principal, remember } = answer;
  if (remember !== undefined && !isRemember(remember)) return malformed(remember, 'remember');
  const memory = remember === undefined ? {} : { remember };
  switch (outcome) {
    case 'allow':
      if (principal === undefined) return { outcome, ...memory };
      return isPrincipal(principal)
        ? { outcome, principal, ...memory }
        : malformed(principal, 'principal');
    case 'deny':
      if (typeof reason !== 'string' || reason === '') return malformed(reason, 'reason');
      if (challenge === undefined) return { outcome, reason, ...memory };
      return challenge === 'basic'
        ? { outcome, reason, challenge, ...memory }
        : malformed(challenge, 'challenge');
    case 'abstain':
      return { outcome };
    default:
      return malformed(outcome, 'outcome');
  }
}

function malformed(value: unknown, part?: string): Fault {
  const what = part === undefined ? 'its answer' : `"${part}" of its answer`;
  return { outcome: 'fault', reason: `${what} is ${describe(value)}, which is not a decision` };
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isRemember(value: unknown): value is Remember {
  return (
    isRecord(value) &&
    typeof value.seconds === 'number' &&
    value.seconds > 0 &&
    (value.scope === 'path' || value.scope === 'distribution')
  );
}

const principalKinds = new Set<unknown>(['basic', 'certificate', 'remote-user', 'plugin']);

function isPrincipal(value: unknown): value is Principal {
  return isRecord(value) && principalKinds.has(value.kind) && typeof value.name === 'string';
}
