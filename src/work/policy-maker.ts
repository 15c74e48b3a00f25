/** Makes policies of trees, in one go: all of them, or none with every problem. */

import {
  type CompilerParts,
  PolicyCompiler,
  type PolicyOf,
  type RuleServices,
  ruleNames,
} from '../access/compile.ts';
import type { RuleId } from '../access/memory.ts';
import type { PluginShelf } from '../access/plugin-shelf.ts';
import type { Policy } from '../access/policy.ts';
import type { MakePolicies } from '../policies/live-policies.ts';
import { optionsOfStored, servicesOfStored } from '../policies/stored-rules.ts';

export interface PolicyMakerParts extends Pick<CompilerParts, 'servicesFor' | 'nextRuleId'> {
  readonly shelf: PluginShelf;
  /** The policies of the configuration, by name. */
  readonly configured: ReadonlyMap<string, Policy>;
  /** Told of rules that are asked no more. */
  readonly forget: (rules: readonly RuleId[]) => void;
}

/**
 * @param origin of the trees: rules that came by the API have no file of the host and no address to call
 * @param policyOf for the names that the configuration has not
 */
export function createPolicyMaker(
  parts: PolicyMakerParts,
  origin: 'configuration' | 'store',
  policyOf: PolicyOf,
): MakePolicies {
  const { shelf, configured, nextRuleId, forget } = parts;
  return async (trees) => {
    const { plugins } = await shelf.load(trees.flatMap(ruleNames));
    await using made = new AsyncDisposableStack();
    const compiler = made.use(
      new PolicyCompiler({
        plugins,
        ...rulesOf(origin, parts),
        policyOf: (name, at) => configured.get(name) ?? policyOf(name, at),
        nextRuleId,
      }),
    );
    const policies: Policy[] = [];
    for (const tree of trees) {
      const policy = await compiler.compile(tree);
      if (policy !== undefined) policies.push(policy);
    }
    const { problems, ruleIds } = compiler;
    if (problems.length > 0) {
      throw new Error(problems.map(({ at, message }) => `${at}: ${message}`).join('; '));
    }
    made.defer(() => forget(ruleIds));
    const owned = made.move();
    return { value: policies, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  };
}

function rulesOf(
  origin: 'configuration' | 'store',
  { servicesFor }: PolicyMakerParts,
): Pick<CompilerParts, 'servicesFor' | 'optionsOf'> {
  if (origin === 'configuration') {
    return { servicesFor, optionsOf: (plugin, raw) => plugin.parseOptions(raw) };
  }
  return {
    servicesFor: (plugin): RuleServices => {
      const { services, ...others } = servicesFor(plugin);
      return { ...others, services: servicesOfStored(services) };
    },
    optionsOf: optionsOfStored,
  };
}
