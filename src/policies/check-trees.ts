/** What is wrong with trees that are to be saved: each problem with its place in the tree. */

import { ruleNames } from '../access/compile.ts';
import type { PluginShelf } from '../access/plugin-shelf.ts';
import { PolicyNames } from '../config/policy-references.ts';
import { messageOf } from '../errors.ts';
import type { PolicyNode, Problem, RuleNode } from '../model.ts';
import type { AuthorizerPlugin } from '../plugin.ts';
import { optionsOfStored } from './stored-rules.ts';

/** Problems of rules: there is none of that name, or its options do not parse. */
export async function problemsOfRules(
  trees: readonly PolicyNode[],
  shelf: PluginShelf,
): Promise<readonly Problem[]> {
  const { plugins } = await shelf.load(trees.flatMap(ruleNames));
  return trees.flatMap(rulesIn).flatMap((rule) => {
    const message = problemOfRule(rule, plugins.get(rule.name));
    return message === undefined ? [] : [{ at: rule.at, message }];
  });
}

/** Problems of what trees refer to: a name that nothing has, a circle, or too much in all. */
export function problemsOfReferences(
  trees: readonly PolicyNode[],
  named: ReadonlyMap<string, PolicyNode>,
): readonly Problem[] {
  const names = new PolicyNames(named);
  return trees.flatMap((tree) => names.problemOf(tree) ?? []);
}

/** As {@link problemsOfReferences} of a policy that gets the name, which may lead back to itself then. */
export function problemsOfNamed(
  name: string,
  tree: PolicyNode,
  others: ReadonlyMap<string, PolicyNode>,
): readonly Problem[] {
  const names = new PolicyNames(new Map(others).set(name, tree));
  return [names.problemOfNamed(name, tree)].flatMap((problem) => problem ?? []);
}

/** The names that lead to `name`, itself among them. */
export function namesLeadingTo(
  name: string,
  uses: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const leading = new Set([name]);
  // What is added is looked at as well: a Set goes on with it.
  for (const target of leading) {
    for (const [user, used] of uses) if (used.includes(target)) leading.add(user);
  }
  return leading;
}

function rulesIn(node: PolicyNode): readonly RuleNode[] {
  switch (node.type) {
    case 'rule':
      return [node];
    case 'policy':
      return [];
    case 'not':
      return rulesIn(node.child);
    default:
      return node.children.flatMap(rulesIn);
  }
}

function problemOfRule(
  { name, options }: RuleNode,
  plugin: AuthorizerPlugin | undefined,
): string | undefined {
  if (plugin === undefined) return `there is no rule "${name}" (or its plugin could not be loaded)`;
  try {
    optionsOfStored(plugin, options);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
