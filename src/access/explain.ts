/** The evaluation of a policy, written down node by node, for the operator who asks why. */

import type { Principal } from '../model.ts';
import type { AccessRequest } from '../plugin.ts';
import type { Verdict } from './decision.ts';
import { evaluate, type NodeResult } from './evaluate.ts';
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
  /** `any`, `all`, `not`, or the rule's name. */
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
  const results = new Map<Policy, NodeResult>();
  const verdict = await evaluate(policy, request, ask, (node, result) => {
    results.set(node, result);
  });
  return { verdict, tree: policy && describeNode(policy, results) };
}

function describeNode(node: Policy, results: ReadonlyMap<Policy, NodeResult>): ExplainNode {
  const result = results.get(node);
  return {
    label: node.type === 'rule' ? node.name : node.type,
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
  if (node.type === 'rule') return [];
  return node.type === 'not' ? [node.child] : node.children;
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
