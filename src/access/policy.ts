/** A policy ready to be evaluated: the tree as it was written, with an authorizer in each rule. */

import { messageOf } from '../errors.ts';
import type { AccessRequest, Authorizer } from '../plugin.ts';
import { type Fault, type RuleOutcome, readDecision } from './decision.ts';
import type { DecisionMemory, RuleId } from './memory.ts';

export type Policy =
  | { readonly type: 'any' | 'all'; readonly at: string; readonly children: readonly Policy[] }
  | { readonly type: 'not'; readonly at: string; readonly child: Policy }
  | NamedPolicyUse
  | UnusablePolicy
  | Rule;

/** A policy that has a name, where another refers to it. */
export interface NamedPolicyUse {
  readonly type: 'policy';
  readonly at: string;
  readonly name: string;
  /** The policy of that name as it is at this moment. */
  readonly current: () => Policy;
}

/** What stands in the place of a policy that cannot be evaluated. Nobody gets in by it. */
export interface UnusablePolicy {
  readonly type: 'unusable';
  readonly at: string;
  /** A clause for the operator, as `there is no policy "customers"`. */
  readonly reason: string;
}

export interface Rule {
  readonly type: 'rule';
  readonly id: RuleId;
  readonly name: string;
  /** Where the rule stands in the configuration. */
  readonly at: string;
  readonly authorizer: Authorizer;
  readonly basis: Basis;
}

/**
 * What a rule decides by besides the request, and what may change while it is at work: the version of
 * it. Undefined while that is not known: then no decision is remembered, and none that was counts.
 */
export type Basis = () => number | undefined;

/** Whom rules are asked for. */
export interface Asker {
  /** Aborts when the answer is of no use any more. Read only where a rule's answer is waited for. */
  readonly signal: AbortSignal;
  /** Called when the answer of a rule is a remembered one. */
  readonly onRemembered?: () => void;
}

/** Puts one rule to the question; without an asker until it answers or its time limit passes. */
export type AskRule = (rule: Rule, request: AccessRequest, asker?: Asker) => Promise<RuleOutcome>;

/** Told of each answer of a rule, and whether it was a remembered one. */
export type ObserveAnswer = (outcome: RuleOutcome['outcome'], isRemembered: boolean) => void;

/**
 * Asks the rule's plugin. Whatever goes wrong in it (a throw, a rejection, no answer within
 * `timeLimitMs`, an answer that is not a decision) is a fault, never an allow (T60).
 */
export function createAskRule(timeLimitMs: number): AskRule {
  return async (rule, request, asker) => {
    const controller = new AbortController();
    try {
      const answer: unknown = rule.authorizer.authorize(request, controller.signal);
      const settled = isPromiseLike(answer)
        ? await withTimeLimit(answer, timeLimitMs, controller, asker)
        : answer;
      const outcome = readDecision(settled);
      if (outcome.outcome === 'allow' && outcome.charge !== undefined && !canSettle(rule)) {
        return inRule(rule, 'its allow carries a charge, and it has no function settle');
      }
      return outcome.outcome === 'fault' ? inRule(rule, outcome.reason) : outcome;
    } catch (error) {
      return inRule(rule, messageOf(error));
    }
  };
}

/** Asks the memory first, and lets it keep what the plugin wants kept. */
export function withMemory(
  ask: AskRule,
  memory: DecisionMemory,
  observe: ObserveAnswer = () => {},
): AskRule {
  return async (rule, request, asker) => {
    const version = rule.basis();
    const remembered = version === undefined ? undefined : memory.recall(rule.id, request, version);
    if (remembered !== undefined) {
      observe(remembered.outcome, true);
      asker?.onRemembered?.();
      return remembered;
    }
    const outcome = await ask(rule, request, asker);
    observe(outcome.outcome, false);
    if (outcome.outcome !== 'fault' && version !== undefined) {
      memory.keep(rule.id, request, outcome, version);
    }
    return outcome;
  };
}

function canSettle({ authorizer }: Rule): boolean {
  return typeof authorizer.settle === 'function';
}

function inRule(rule: Rule, reason: string): Fault {
  return { outcome: 'fault', reason: `rule ${rule.name} failed: ${reason}` };
}

/** @see withTimeLimit */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { readonly then?: unknown }).then === 'function'
  );
}

/** Rejects, and aborts `controller`, when the time passes or nobody waits any more. */
export async function withTimeLimit(
  answer: PromiseLike<unknown>,
  timeLimitMs: number,
  controller: AbortController,
  asker: Asker | undefined,
): Promise<unknown> {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (state: string, reason: unknown): void => {
    reject(new Error(state));
    controller.abort(reason);
  };
  const timer = setTimeout(() => {
    const reason = new DOMException('The time limit of the rule has passed', 'TimeoutError');
    giveUp(`no answer within ${timeLimitMs / 1000} s (access.timeLimitSeconds)`, reason);
  }, timeLimitMs);
  const signal = asker?.signal;
  const onAbort = (): void => giveUp('nobody waits for its answer any more', signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
