/** Policies as they are written: the tree under `access` of a distribution, and those with a name. */

import type { PolicyNode } from '../model.ts';
import type { Kind } from './kind.ts';
import { text } from './kinds/scalars.ts';
import type { Place } from './place.ts';
import { isMapping } from './setting.ts';

/** How deep a policy may nest; the outermost node is at depth 1. */
export const policyDepthMax = 16;
/** How many nodes a policy may have, its rules included. */
export const policyNodesMax = 1000;

/** The key that stands over the name of a policy; no rule can be called so. */
const referenceKey = 'policy';

/** What the name of a policy may be. */
export const policyName: Kind<string> = text(
  'the name of a policy: at most 64 lower-case letters, digits, - and _, beginning with a letter',
  /[a-z][a-z0-9_-]{0,63}/,
);

/**
 * A node is a mapping of exactly one key: `any` or `all` over a list of nodes, `not` over one node,
 * `policy` over the name of another policy, or the name of a rule over its options. A rule without
 * options may be its bare name. An empty list is refused: whoever reads it could take it for
 * "everybody" (T59).
 */
export const policy: Kind<PolicyNode> = {
  expected: 'a policy of any, all, not, rules and named policies',
  parse: (raw, place) => {
    const visited = { count: 0 };
    const node = parseNode(raw, { place, depth: 1, visited });
    if (visited.count <= policyNodesMax) return node;
    place.report(`Cannot use the policy: it has more than ${policyNodesMax} nodes`);
    return undefined;
  },
};

interface Visit {
  readonly place: Place;
  readonly depth: number;
  readonly visited: { count: number };
}

const ruleName = /^[a-z][a-z0-9-]{0,63}$/;
const oneNode = 'one of any, all, not, policy or the name of a rule';
const keywords: ReadonlySet<string> = new Set(['any', 'all', 'not', referenceKey]);

function parseNode(raw: unknown, visit: Visit): PolicyNode | undefined {
  const { place, depth, visited } = visit;
  visited.count += 1;
  // Past the limit nothing more is looked at: aliases could make a short text a huge tree.
  if (visited.count > policyNodesMax) return undefined;
  if (depth > policyDepthMax) {
    place.report(`Cannot use the policy: it nests deeper than ${policyDepthMax} levels`);
    return undefined;
  }
  if (typeof raw === 'string') return parseBareRule(raw, place);
  if (Array.isArray(raw)) return place.refuse(raw, `${oneNode}; a list stands under any or all`);
  if (!isMapping(raw)) return place.refuse(raw, oneNode);
  const [name, ...others] = Object.keys(raw);
  if (name === undefined || others.length > 0) {
    place.report(
      `Cannot use a node with ${others.length === 0 ? 'no key' : `the keys ${Object.keys(raw).join(', ')}`}: expected exactly one key, ${oneNode}`,
    );
    return undefined;
  }
  return parseKey(name, raw[name], { ...visit, place: place.child(name) });
}

function parseKey(name: string, value: unknown, visit: Visit): PolicyNode | undefined {
  const { place } = visit;
  switch (name) {
    case 'any':
    case 'all':
      return parseList(name, value, visit);
    case 'not': {
      const child = parseNode(value, { ...visit, depth: visit.depth + 1 });
      return child && { type: 'not', child, at: place.at };
    }
    case referenceKey: {
      const referred = policyName.parse(value, place);
      return referred === undefined ? undefined : { type: 'policy', name: referred, at: place.at };
    }
    default:
      if (!ruleName.test(name)) return place.refuse(name, oneNode);
      return { type: 'rule', name, options: value ?? undefined, at: place.at };
  }
}

function parseList(type: 'any' | 'all', value: unknown, visit: Visit): PolicyNode | undefined {
  const { place } = visit;
  if (!Array.isArray(value) || value.length === 0) {
    return place.refuse(value, `a list of at least one node under ${type}`);
  }
  const children: PolicyNode[] = [];
  for (const [index, item] of value.entries()) {
    const child = parseNode(item, { ...visit, place: place.child(index), depth: visit.depth + 1 });
    if (child !== undefined) children.push(child);
  }
  return children.length === value.length ? { type, children, at: place.at } : undefined;
}

function parseBareRule(name: string, place: Place): PolicyNode | undefined {
  if (!ruleName.test(name) || keywords.has(name)) {
    return place.refuse(name, `the name of a rule that has no options, or a mapping: ${oneNode}`);
  }
  return { type: 'rule', name, options: undefined, at: place.child(name).at };
}
