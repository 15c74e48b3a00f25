/**
 * Evaluates a policy. The rules of combination, in which refusal always wins over silence:
 *
 * | node  | allows when            | otherwise                                                      |
 * |-------|------------------------|----------------------------------------------------------------|
 * | `any` | one branch allows      | a fault if a branch faulted, else a denial if one denied       |
 * | `all` | every branch allows    | the first denial, fault or abstention                          |
 * | `not` | its branch denies      | denies when the branch allows or abstains; a fault stays one   |
 * | name  | its policy allows      | what its policy says; a fault while there is none to be asked  |
 *
 * What a rule charges for its allow is lost by `not`: a second `not`, which would let in for nothing, is a
 * fault. An `any` whose every branch abstains does so itself. What is left of an abstention in the end is a
 * denial, and no `not` makes an allow of it. Empty trees, and no policy at all, deny (T59). Branches
 * are asked in the order in which they stand.
 */

import type { AccessRequest } from '../plugin.ts';
import type { Allowance, Denial, Fault, PendingCharge, RuleOutcome, Verdict } from './decision.ts';
import { deny, isTurnable, shortestWait } from './denial.ts';
import type { AskRule, NamedPolicyUse, Policy, Rule, UnusablePolicy } from './policy.ts';

/** Told of each node that was evaluated, children before parents. */
export type Observe = (node: Policy, result: NodeResult) => void;

export type NodeResult =
  | Allowance
  | Denial
  | { readonly outcome: 'abstain'; readonly reason?: string }
  | Fault;

interface Evaluation {
  readonly request: AccessRequest;
  readonly ask: AskRule;
  readonly observe: Observe | undefined;
  /** Names that led here. */
  readonly names: number;
  /** Whether a `not` will turn around what comes of it. */
  readonly isTurned: boolean;
}

/**
 * Names that may lead from one to the next. What is written keeps to a lower limit; names whose
 * policies are exchanged one after the other may, for a moment, lead in a circle.
 */
export const namesDepthMax = 32;

/** It says to the operator, in the log and by explain, where one is set; clients are not told. */
const noPolicy =
  'the distribution has no policy, so nobody has access; its `access` in the configuration, ' +
  '`portcullis-admin policy access set` or the setting repositories.access gives it one';

export async function evaluate(
  policy: Policy | undefined,
  request: AccessRequest,
  ask: AskRule,
  observe?: Observe,
): Promise<Verdict> {
  if (policy === undefined) return deny(noPolicy);
  const evaluation: Evaluation = { request, ask, observe, names: 0, isTurned: false };
  const result = await evaluateNode(policy, evaluation);
  return result.outcome === 'abstain'
    ? deny(result.reason ?? `no rule allowed: ${policy.at} abstained`)
    : result;
}

async function evaluateNode(node: Policy, evaluation: Evaluation): Promise<NodeResult> {
  const result = await dispatch(node, evaluation);
  evaluation.observe?.(node, result);
  return result;
}

function dispatch(node: Policy, evaluation: Evaluation): Promise<NodeResult> {
  switch (node.type) {
    case 'any':
      return evaluateAny(node.children, evaluation);
    case 'all':
      return evaluateAll(node.children, evaluation);
    case 'not':
      return evaluateNot(node.child, evaluation);
    case 'policy':
      return evaluateNamed(node, evaluation);
    case 'unusable':
      return Promise.resolve({ outcome: 'fault', reason: node.reason });
    case 'rule':
      return evaluateRule(node, evaluation);
  }
}

async function evaluateNamed(node: NamedPolicyUse, evaluation: Evaluation): Promise<NodeResult> {
  const policy = evaluation.names < namesDepthMax ? node.current() : endlessPolicy(node);
  return evaluateNode(policy, { ...evaluation, names: evaluation.names + 1 });
}

/** What stands for a policy to which too many names lead. */
export function endlessPolicy({ at, name }: NamedPolicyUse): UnusablePolicy {
  return { type: 'unusable', at, reason: `the policy "${name}" leads on without an end` };
}

async function evaluateAny(
  children: readonly Policy[],
  evaluation: Evaluation,
): Promise<NodeResult> {
  const denials: Denial[] = [];
  let fault: Fault | undefined;
  for (const child of children) {
    const result = await evaluateNode(child, evaluation);
    if (result.outcome === 'allow') return result;
    if (result.outcome === 'fault') fault ??= result;
    if (result.outcome === 'deny') denials.push(result);
  }
  if (fault !== undefined) return fault;
  if (denials.length === 0 && children.length > 0) {
    return { outcome: 'abstain', reason: 'no rule allowed: every branch abstained' };
  }
  return deny(denials.map(({ reason }) => reason).join('; ') || 'no rule allowed', {
    challenges: [...new Set(denials.flatMap(({ challenges }) => challenges))],
    retryAfterSeconds: shortestWait(denials),
  });
}

/**
 * A denial that other credentials or a later time could turn holds back until the rest has been
 * asked: where another branch refuses all the same, sending the client for either would be a lie.
 */
async function evaluateAll(
  children: readonly Policy[],
  evaluation: Evaluation,
): Promise<NodeResult> {
  if (children.length === 0) return deny('an empty `all` allows nobody');
  let allowed: Allowance | undefined;
  let turnable: Denial | undefined;
  for (const child of children) {
    const result = await evaluateNode(child, evaluation);
    if (result.outcome === 'abstain') {
      return { outcome: 'abstain', reason: `${child.at} abstained, and \`all\` needs a yes` };
    }
    if (result.outcome === 'allow') {
      allowed = allowed === undefined ? result : bothOf(allowed, result);
    } else if (result.outcome === 'deny' && isTurnable(result)) {
      turnable ??= result;
    } else if (result.outcome === 'deny' || turnable === undefined) {
      return result;
    }
  }
  return turnable ?? allowed ?? deny('no rule allowed');
}

/** The first that knows who the client is speaks for both, and what each charges is charged. */
function bothOf(one: Allowance, other: Allowance): Allowance {
  const speaker = one.principal === undefined ? other : one;
  const charges = [...(one.charges ?? []), ...(other.charges ?? [])];
  return charges.length === 0 ? speaker : { ...speaker, charges };
}

async function evaluateNot(child: Policy, evaluation: Evaluation): Promise<NodeResult> {
  const result = await evaluateNode(child, { ...evaluation, isTurned: true });
  switch (result.outcome) {
    case 'allow':
      if (evaluation.isTurned && result.charges !== undefined) {
        const reason = `${child.at} allowed for a charge, which two \`not\` would take from it`;
        return { outcome: 'fault', reason };
      }
      return deny(`${child.at} allowed, and \`not\` turns that around`);
    case 'deny':
      // Who was not heard was not refused: waiting must not turn into an allow.
      return result.retryAfterSeconds === undefined
        ? { outcome: 'allow', principal: undefined, rule: `not ${child.at}` }
        : result;
    case 'abstain':
      return deny(`${child.at} abstained, and \`not\` needs a no`);
    case 'fault':
      return result;
  }
}

async function evaluateRule(rule: Rule, evaluation: Evaluation): Promise<NodeResult> {
  const answer: RuleOutcome = await evaluation.ask(rule, evaluation.request);
  switch (answer.outcome) {
    case 'allow':
      return allowanceOf(rule, answer);
    case 'deny':
      return deny(answer.reason, {
        challenges: [answer.challenge ?? []].flat(),
        retryAfterSeconds: answer.retryAfterSeconds,
      });
    case 'abstain':
    case 'fault':
      return answer;
  }
}

function allowanceOf(
  { name, authorizer }: Rule,
  { principal, charge }: Extract<RuleOutcome, { readonly outcome: 'allow' }>,
): Allowance {
  if (charge === undefined) return { outcome: 'allow', principal, rule: name };
  const pending: PendingCharge = {
    rule: name,
    settle: (delivery, signal) => authorizer.settle?.(charge, delivery, signal),
  };
  return { outcome: 'allow', principal, rule: name, charges: [pending] };
}
