/** Opens the policies of the store for a worker that serves by them. */

import {
  type CompilerParts,
  PolicyCompiler,
  type RuleServices,
  ruleNames,
} from '../access/compile.ts';
import type { RuleId } from '../access/memory.ts';
import type { PluginShelf } from '../access/plugin-shelf.ts';
import type { Policy } from '../access/policy.ts';
import type { Configuration } from '../config/configuration.ts';
import type { Logger } from '../log.ts';
import type { PolicyNode } from '../model.ts';
import { LivePolicies, type MakePolicies } from '../policies/live-policies.ts';
import { Retired } from '../policies/retired.ts';
import { optionsOfStored, servicesOfStored } from '../policies/stored-rules.ts';
import type { ControlPlane } from './control-plane.ts';

/** How long a start waits for the policies of the store, in seconds. Then whom they are about gets 503. */
export const firstReadSecondsMax = 5;

export interface PolicyMakerParts extends Pick<CompilerParts, 'servicesFor' | 'nextRuleId'> {
  readonly shelf: PluginShelf;
  /** The policies of the configuration, by name. */
  readonly configured: ReadonlyMap<string, Policy>;
  /** Told of rules that are asked no more. */
  readonly forget: (rules: readonly RuleId[]) => void;
}

export interface LivePolicyParts extends PolicyMakerParts {
  readonly configuration: Configuration;
  readonly controlPlane: ControlPlane;
  readonly log: Logger;
  readonly storeLog: Logger;
}

/** @param opened gets what has to be closed in the end */
export async function openLivePolicies(
  parts: LivePolicyParts,
  opened: AsyncDisposableStack,
): Promise<LivePolicies> {
  const { configuration, controlPlane, log, storeLog } = parts;
  const trees = configuration.policies.map(({ name, access }): [string, PolicyNode] => [
    name,
    access,
  ]);
  const store = await controlPlane.store();
  const retired = opened.use(new Retired(configuration.limits.requestSeconds));
  const live: LivePolicies = opened.use(
    new LivePolicies({
      store,
      configured: new Map(trees),
      make: createPolicyMaker(parts, (name, at) => live.policyOf(name, at)),
      retire: (made) => retired.add(made),
      outageSeconds: configuration.access.storeOutageSeconds,
      log,
      storeLog,
    }),
  );
  await live.ready(firstReadSecondsMax);
  return live;
}

/**
 * Makes policies of trees that came by the API: rules have no file of the host and no address to call.
 *
 * @param policyOf for the names that the configuration has not
 */
export function createPolicyMaker(
  { shelf, configured, servicesFor, nextRuleId, forget }: PolicyMakerParts,
  policyOf: CompilerParts['policyOf'],
): MakePolicies {
  const harmlessServicesFor = (plugin: string): RuleServices => {
    const { services, ...others } = servicesFor(plugin);
    return { ...others, services: servicesOfStored(services) };
  };
  return async (trees) => {
    const { plugins } = await shelf.load(trees.flatMap(ruleNames));
    await using made = new AsyncDisposableStack();
    const compiler = made.use(
      new PolicyCompiler({
        plugins,
        servicesFor: harmlessServicesFor,
        policyOf: (name, at) => configured.get(name) ?? policyOf(name, at),
        optionsOf: optionsOfStored,
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
