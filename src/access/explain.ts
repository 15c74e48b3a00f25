/** The evaluation of a policy, written down node by node, for the operator who asks why. */

import type { Principal } from '../model.ts';
import type { AccessRequest } from '../plugin.ts';
import type { Verdict } from './decision.ts';
import { endlessPolicy, evaluate, type NodeResult, namesDepthMax } from './evaluate.ts';
import type { AskRule, Policy } from './policy.ts';

/** The request that `explain` plays, as a client would make it. */
export interface ExplainQuery {
  /** Path, or URL, as the client asks for it. */
  readonly target: string;
  readonly method?: 'GET' | 'HEAD';
  readonly certificatePem?: string;
  readonly user?: string;
  readonly password?: string;
  /** The token of an `Authorization: Bearer` header, in place of a user and a password. */
  readonly bearer?: string;
  /** The user whom the front has authenticated, on a listener that trusts it with that. */
  readonly remoteUser?: string;
  readonly address?: string;
  /** Whether the client's connection is TLS; true unless said. */
  readonly secure?: boolean;
  /** Who asks: passwords that are tried count as theirs, and not as the client's. */
  readonly guesser?: string;
}

export interface Explanation {
  readonly outcome: 'allow' | 'deny' | 'fault' | 'not-found';
  /** What the client would see. */
  readonly status: number;
  readonly reason: string;
  readonly distribution: string | undefined;
  readonly path: string | undefined;
  readonly principal: Principal | undefined;
  readonly tree: ExplainNode | undefined;
}

export interface ExplainNode {
  /** `any`, `all`, `not`, the rule's name, or `policy` and the name of one. */
  readonly label: string;
  /** Where it stands in the configuration. */
  readonly at: string;
  readonly outcome: 'allow' | 'deny' | 'abstain' | 'fault' | 'not evaluated';
  readonly reason: string | undefined;
  readonly children: readonly ExplainNode[];
}

export interface ExplainedVerdict {
  readonly verdict: Verdict;
  readonly tree: ExplainNode | undefined;
}

/** Evaluates as for a client, with `ask` that remembers nothing, and keeps what each node said. */
export async function explainPolicy(
  policy: Policy | undefined,
  request: AccessRequest,
  ask: AskRule,
): Promise<ExplainedVerdict> {
  const tree = policy && unfold(policy, namesDepthMax);
  const results = new Map<Policy, NodeResult>();
  const verdict = await evaluate(tree, request, ask, (node, result) => {
    results.set(node, result);
  });
  return { verdict, tree: tree && describeNode(tree, results) };
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

function describeNode(node: Policy, results: ReadonlyMap<Policy, NodeResult>): ExplainNode {
  const result = results.get(node);
  return {
    label: labelOf(node),
    at: node.at,
    outcome: result?.outcome ?? 'not evaluated',
    reason: reasonOf(result),
    children: childrenOf(node).map((child) => describeNode(child, results)),
  };
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
