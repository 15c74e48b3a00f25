/**
 * How long, and for what, an allow of a whole policy holds without asking again: as long as all that it
 * rests on. What refuses in an `any` takes nothing from a branch that allows.
 */

import type { AccessRequest, Remember } from '../plugin.ts';
import type { RuleOutcome, Verdict } from './decision.ts';
import { evaluate, type NodeResult } from './evaluate.ts';
import type { AskRule, Policy, Rule } from './policy.ts';

/** Seconds may be infinite. */
export type Hold = Remember;

export interface HeldVerdict {
  readonly verdict: Verdict;
  /** Undefined for what is no allow, and for one that has to be asked for each time. */
  readonly hold: Hold | undefined;
}

export async function evaluateWithHold(
  policy: Policy | undefined,
  request: AccessRequest,
  ask: AskRule,
): Promise<HeldVerdict> {
  const seen: Seen = { answers: new Map(), results: new Map() };
  const recording: AskRule = async (rule, asked) => {
    // What changes while the rule is asked, it may not have seen.
    const isKnown = rule.basis() !== undefined;
    const outcome = await ask(rule, asked);
    seen.answers.set(rule, isKnown ? outcome : withoutMemory(outcome));
    return outcome;
  };
  const verdict = await evaluate(policy, request, recording, (node, result) => {
    seen.results.set(node, result);
  });
  const isFree = verdict.outcome === 'allow' && verdict.charges === undefined;
  return { verdict, hold: policy && isFree ? holdOfPolicy(policy, seen) : undefined };
}

interface Seen {
  readonly answers: Map<Rule, RuleOutcome>;
  readonly results: Map<Policy, NodeResult>;
}

/** On another path, a rule that charges might have been the one to let in. */
function holdOfPolicy(policy: Policy, seen: Seen): Hold | undefined {
  const hold = holdOf(policy, seen);
  const mayCharge = seen.answers.keys().some(({ authorizer }) => authorizer.settle !== undefined);
  return hold && mayCharge ? { ...hold, scope: 'path' } : hold;
}

function holdOf(node: Policy, seen: Seen): Hold | undefined {
  const result = seen.results.get(node);
  if (result === undefined) return undefined;
  switch (node.type) {
    case 'rule':
      return holdOfRule(node, seen);
    case 'not':
      return holdOf(node.child, seen);
    case 'policy':
      return holdOf(node.current(), seen);
    case 'unusable':
      return undefined;
    case 'any': {
      const isAllowing = (child: Policy) => seen.results.get(child)?.outcome === 'allow';
      const allowing = node.children.find(isAllowing);
      return allowing === undefined ? narrowest(node.children, seen) : holdOf(allowing, seen);
    }
    case 'all':
      return narrowest(
        node.children.filter((child) => seen.results.has(child)),
        seen,
      );
  }
}

function holdOfRule(rule: Rule, { answers }: Seen): Hold | undefined {
  const answer = answers.get(rule);
  if (answer === undefined || answer.outcome === 'fault') return undefined;
  if (answer.outcome !== 'abstain' && answer.remember !== undefined) return answer.remember;
  return rule.authorizer.decidesByEvidenceAlone === true ? always : undefined;
}

const always: Hold = { seconds: Number.POSITIVE_INFINITY, scope: 'distribution' };

function narrowest(nodes: readonly Policy[], seen: Seen): Hold | undefined {
  let hold: Hold | undefined = always;
  for (const node of nodes) {
    const other = holdOf(node, seen);
    if (hold === undefined || other === undefined) return undefined;
    hold = {
      seconds: Math.min(hold.seconds, other.seconds),
      scope: hold.scope === 'path' ? 'path' : other.scope,
    };
  }
  return hold;
}

function withoutMemory(outcome: RuleOutcome): RuleOutcome {
  if (outcome.outcome === 'abstain' || outcome.outcome === 'fault') return outcome;
  const { remember: _, ...rest } = outcome;
  return rest;
}
