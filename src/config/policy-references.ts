/**
 * What policies refer to. A tree counts with all that it refers to: no name leads back to itself, and
 * the whole keeps to the limits of one policy, so that a few lines cannot stand for a huge tree.
 */

import type { PolicyNode, PolicyReference, Problem } from '../model.ts';
import { policyDepthMax, policyNodesMax } from './policy.ts';

/** Names that a message lists. */
const shownNamesMax = 20;

/** The references in a tree, in their order. */
export function referencesIn(node: PolicyNode): readonly PolicyReference[] {
  switch (node.type) {
    case 'rule':
      return [];
    case 'policy':
      return [node];
    case 'not':
      return referencesIn(node.child);
    default:
      return node.children.flatMap(referencesIn);
  }
}

/** How large a tree is with all that it refers to, or why that cannot be said. */
type Measure =
  | { readonly depth: number; readonly nodes: number }
  | { readonly at: string; readonly problem: string };

/** The policies that have names, and what is wrong with references to them. */
export class PolicyNames {
  readonly #trees: ReadonlyMap<string, PolicyNode>;
  readonly #measures = new Map<string, Measure>();
  /** The names on the way to the one that is measured. */
  readonly #way: string[] = [];

  constructor(trees: ReadonlyMap<string, PolicyNode>) {
    this.#trees = trees;
  }

  /** Undefined when all that `tree` refers to is there and within the limits. */
  problemOf(tree: PolicyNode): Problem | undefined {
    const measure = this.#measure(tree);
    if ('problem' in measure) return { at: measure.at, message: measure.problem };
    const message = excessOf(measure);
    return message === undefined ? undefined : { at: tree.at, message };
  }

  /** As {@link problemOf} of a policy that has a name; for its place, not for those that refer to it. */
  problemOfNamed(name: string, tree: PolicyNode): Problem | undefined {
    this.#way.push(name);
    const problem = this.problemOf(tree);
    this.#way.pop();
    return problem;
  }

  #measure(node: PolicyNode): Measure {
    switch (node.type) {
      case 'rule':
        return { depth: 1, nodes: 1 };
      case 'policy':
        return this.#measureReference(node);
      case 'not':
        return this.#surround([node.child]);
      default:
        return this.#surround(node.children);
    }
  }

  /** Ends at the first problem, so that no tangle of names costs more than one walk. */
  #surround(children: readonly PolicyNode[]): Measure {
    let depth = 0;
    let nodes = 1;
    for (const child of children) {
      const measure = this.#measure(child);
      if ('problem' in measure) return measure;
      depth = Math.max(depth, measure.depth);
      nodes += measure.nodes;
    }
    return { depth: depth + 1, nodes };
  }

  #measureReference({ name, at }: PolicyReference): Measure {
    const measure = this.#measureNamed(name);
    // Where it is wrong is what this place leads to; the place itself is what its reader can change.
    if ('problem' in measure) return { at, problem: measure.problem };
    return { depth: measure.depth + 1, nodes: measure.nodes + 1 };
  }

  #measureNamed(name: string): Measure {
    const known = this.#measures.get(name);
    if (known !== undefined) return known;
    const tree = this.#trees.get(name);
    if (tree === undefined) return { at: '', problem: this.#unknown(name) };
    const start = this.#way.indexOf(name);
    if (start !== -1) {
      const circle = [...this.#way.slice(start), name].join(', ');
      return {
        at: '',
        problem: `Cannot use the policy ${name}: it leads back to itself (${circle})`,
      };
    }
    if (this.#way.length >= policyDepthMax) return { at: '', problem: tooDeep };
    this.#way.push(name);
    const measure = this.#measure(tree);
    this.#way.pop();
    const message = 'problem' in measure ? undefined : excessOf(measure);
    const kept = message === undefined ? measure : { at: '', problem: message };
    // What is wrong by the way that led here may be right by another.
    if (this.#way.length === 0 || !('problem' in kept)) this.#measures.set(name, kept);
    return kept;
  }

  #unknown(name: string): string {
    return `Cannot use the policy ${name}: there is none of that name; ${listOf([...this.#trees.keys()])}`;
  }
}

function listOf(names: readonly string[]): string {
  if (names.length === 0) return 'no policy has a name';
  const more = names.length > shownNamesMax ? `, and ${names.length - shownNamesMax} more` : '';
  return `there are ${names.slice(0, shownNamesMax).join(', ')}${more}`;
}

const whole = 'Cannot use the policy: with what it refers to, it';
const tooDeep = `${whole} nests deeper than ${policyDepthMax} levels`;

function excessOf({ depth, nodes }: Extract<Measure, { readonly depth: number }>) {
  if (depth > policyDepthMax) return tooDeep;
  return nodes > policyNodesMax ? `${whole} has more than ${policyNodesMax} nodes` : undefined;
}
