/** What became of a policy, and the strict reading of what a plugin answered. */

import type { Principal } from '../model.ts';
import type { Challenge, ChargedDelivery, Decision, Remember } from '../plugin.ts';
import { chargeCharactersMax } from '../plugin-rule.ts';

/** A rule that could not be evaluated. Not a decision: nobody gets in by it, nobody is told "no". */
export interface Fault {
  readonly outcome: 'fault';
  readonly reason: string;
}

export type RuleOutcome = Decision | Fault;

/** What a whole policy says of one request. Never abstains: neither yes nor no is no. */
export type Verdict = Allowance | Denial | Fault;

export interface Allowance {
  readonly outcome: 'allow';
  readonly principal: Principal | undefined;
  readonly rule: string;
  /** What has to be settled, all of it, before a body is sent; absent when nothing has. */
  readonly charges?: readonly PendingCharge[];
}

/** A charge of one rule, which nobody has settled yet. */
export interface PendingCharge {
  /** The rule's name. */
  readonly rule: string;
  /** Asks the rule's plugin, whose answer is not read yet. */
  readonly settle: (delivery: ChargedDelivery, signal: AbortSignal) => unknown;
}

/** @see Decision of the plugin API for the fields */
export interface Denial {
  readonly outcome: 'deny';
  readonly reason: string;
  /** Each once. */
  readonly challenges: readonly Challenge[];
  readonly retryAfterSeconds: number | undefined;
}

/**
 * Reads a plugin's answer. Only the exact shapes of {@link Decision} count; `true`, `"allow"`,
 * `undefined` and everything else that is not one is a fault (T60).
 */
export function readDecision(answer: unknown): RuleOutcome {
  if (!isRecord(answer)) return malformed(answer);
  const { outcome, remember } = answer;
  if (remember !== undefined && !isRemember(remember)) return malformed(remember, 'remember');
  const memory = remember === undefined ? {} : { remember };
  switch (outcome) {
    case 'allow':
      return readAllow(answer, memory);
    case 'deny':
      return readDenial(answer, memory);
    case 'abstain':
      return { outcome };
    default:
      return malformed(outcome, 'outcome');
  }
}

/** The principal is read once and copied: a plugin may change its own object later. */
function readAllow(
  { principal: given, charge }: Readonly<Record<string, unknown>>,
  memory: { readonly remember?: Remember },
): RuleOutcome {
  if (charge !== undefined && !isCharge(charge)) return malformed(charge, 'charge');
  const rest = charge === undefined ? memory : { ...memory, charge };
  if (given === undefined) return { outcome: 'allow', ...rest };
  const principal = isRecord(given) ? copyPrincipal(given) : given;
  return isPrincipal(principal)
    ? { outcome: 'allow', principal, ...rest }
    : malformed(principal, 'principal');
}

function copyPrincipal({ kind, name, label }: Readonly<Record<string, unknown>>): object {
  return label === undefined ? { kind, name } : { kind, name, label };
}

function readDenial(
  { reason, challenge, retryAfterSeconds }: Readonly<Record<string, unknown>>,
  memory: { readonly remember?: Remember },
): RuleOutcome {
  if (typeof reason !== 'string' || reason === '') return malformed(reason, 'reason');
  const challenges: readonly unknown[] = challenge === undefined ? [] : [challenge].flat();
  if (!challenges.every(isChallenge)) return malformed(challenge, 'challenge');
  if (retryAfterSeconds !== undefined && !isSeconds(retryAfterSeconds)) {
    return malformed(retryAfterSeconds, 'retryAfterSeconds');
  }
  return {
    outcome: 'deny',
    reason,
    ...(challenges.length === 0 ? {} : { challenge: challenges }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...memory,
  };
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

const challengeNames = new Set<unknown>(['basic', 'bearer', 'invalid-token']);

function isChallenge(value: unknown): value is Challenge {
  return challengeNames.has(value);
}

/** Whole seconds, as Retry-After has them (RFC 9110 section 10.2.3). */
function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRemember(value: unknown): value is Remember {
  return (
    isRecord(value) &&
    typeof value.seconds === 'number' &&
    value.seconds > 0 &&
    (value.scope === 'path' || value.scope === 'distribution')
  );
}

function isCharge(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= chargeCharactersMax;
}

const principalKinds = new Set<unknown>(['basic', 'certificate', 'remote-user', 'user', 'plugin']);

function isPrincipal(value: unknown): value is Principal {
  return (
    isRecord(value) &&
    principalKinds.has(value.kind) &&
    typeof value.name === 'string' &&
    (value.label === undefined || typeof value.label === 'string')
  );
}
