/** The evaluation of a policy, written down node by node, for the operator who asks why. */

import type { Principal } from '../model.ts';
import type { AccessRequest } from '../plugin.ts';
import type { Verdict } from './decision.ts';
import { endlessPolicy, evaluate, type NodeResult, namesDepthMax } from './evaluate.ts';
import { noFindings, type RuleFindings } from './findings.ts';
import type { AskRule, Policy, Rule } from './policy.ts';

export interface ExplainNode {
  /** `any`, `all`, `not`, the rule's name, or `policy` and the name of one. */
  readonly label: string;
  /** Where it stands in the configuration. */
  readonly at: string;
  readonly outcome: 'allow' | 'deny' | 'abstain' | 'fault' | 'not evaluated';
  readonly reason: string | undefined;
  /** What the rule found on its way; undefined for a combination, and for a rule that was not asked. */
  readonly findings: RuleFindings | undefined;
  readonly children: readonly ExplainNode[];
}

export interface ExplainedVerdict {
  readonly verdict: Verdict;
  readonly tree: ExplainNode | undefined;
}

/** What is known of a rule that was asked, besides its answer. */
export type FindingsOf = (rule: Rule, request: AccessRequest) => RuleFindings;

/** Evaluates as for a client, with `ask` that remembers nothing, and keeps what each node said. */
export async function explainPolicy(
  policy: Policy | undefined,
  request: AccessRequest,
  ask: AskRule,
  findingsOf: FindingsOf = () => noFindings,
): Promise<ExplainedVerdict> {
  const tree = policy && unfold(policy, namesDepthMax);
  const results = new Map<Policy, NodeResult>();
  const verdict = await evaluate(tree, request, ask, (node, result) => {
    results.set(node, result);
  });
  const describe = (node: Policy): ExplainNode => {
    const result = results.get(node);
    return {
      label: labelOf(node),
      at: node.at,
      outcome: result?.outcome ?? 'not evaluated',
      reason: reasonOf(result),
      findings: node.type === 'rule' && result ? findingsOf(node, request) : undefined,
      children: childrenOf(node).map(describe),
    };
  };
  return { verdict, tree: tree && describe(tree) };
}

/** The tree with all that its names stand for at this moment, each node once. */
function unfold(node: Policy, namesLeft: number): Policy {
  switch (node.type) {
    case 'any':
    case 'all':
      return { ...node, children: node.children.map((child) => unfold(child, namesLeft)) };
    case 'not':
      return { ...node, child: unfold(node.child, namesLeft) };
    case 'policy': {
      const policy = namesLeft === 0 ? endlessPolicy(node) : unfold(node.current(), namesLeft - 1);
      return { ...node, current: () => policy };
    }
    default:
      return { ...node };
  }
}

/** As `certificate:<fingerprint> (O=Acme,CN=one)`. */
export function describePrincipal({ kind, name, label }: Principal): string {
  return label === undefined ? `${kind}:${name}` : `${kind}:${name} (${label})`;
}

function childrenOf(node: Policy): readonly Policy[] {
  switch (node.type) {
    case 'rule':
    case 'unusable':
      return [];
    case 'not':
      return [node.child];
    case 'policy':
      return [node.current()];
    default:
      return node.children;
  }
}

function labelOf(node: Policy): string {
  switch (node.type) {
    case 'rule':
      return node.name;
    case 'policy':
      return `policy ${node.name}`;
    case 'unusable':
      return 'no usable policy';
    default:
      return node.type;
  }
}

function reasonOf(result: NodeResult | undefined): string | undefined {
  switch (result?.outcome) {
    case 'allow':
      return result.principal && describePrincipal(result.principal);
    case 'deny':
    case 'fault':
      return result.reason;
    default:
      return undefined;
  }
}
