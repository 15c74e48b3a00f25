/** Opens what the policies of a configuration need: plugins, their options, and what rules ask. */

import { createRuleIds, PolicyCompiler, ruleNames } from './access/compile.ts';
import { policiesByPath } from './access/path-policies.ts';
import { loadPlugins } from './access/plugins.ts';
import type { Policy } from './access/policy.ts';
import type { Configuration, DistributionConfiguration } from './config/configuration.ts';
import type { Served } from './content/decide.ts';
import type { Logger } from './log.ts';
import type { PolicyNode, Problem } from './model.ts';
import { RevocationLists } from './revocation/revocation-lists.ts';
import { ContentDirectory } from './work/content-directory.ts';
import { createContentServices } from './work/content-services.ts';
import type { ControlPlane } from './work/control-plane.ts';

export interface OpenedPolicies {
  readonly distributions: readonly Served[];
  /** The files of the CAs that the policies trust. */
  readonly authorityFiles: readonly string[];
  readonly revocation: RevocationLists;
  /** While there is one, none of the distributions may be served. */
  readonly problems: readonly Problem[];
}

export interface PolicyParts {
  readonly configuration: Configuration;
  readonly controlPlane: ControlPlane;
  readonly log: Logger;
  /** Of the store that rules ask; `log` unless given. */
  readonly storeLog?: Logger;
  readonly now: () => Date;
}

/** @param opened gets what has to be closed in the end */
export async function openPolicies(
  parts: PolicyParts,
  opened: AsyncDisposableStack,
): Promise<OpenedPolicies> {
  const { configuration } = parts;
  const { plugins: modules, baseDirectory } = configuration;
  const rules = new Set(treesOf(configuration).flatMap(ruleNames));
  const loaded = await loadPlugins(rules, modules, baseDirectory);
  const authorityFiles = new Set<string>();
  const directory = new ContentDirectory({ ...parts, log: parts.storeLog ?? parts.log, opened });
  const revocation = opened.use(new RevocationLists(parts));
  const servicesFor = createContentServices({ ...parts, directory, revocation, authorityFiles });
  const named = new Map<string, Policy>();
  const compiler = opened.use(
    new PolicyCompiler({
      plugins: loaded.plugins,
      servicesFor,
      policyOf: (name, at) => named.get(name) ?? missingPolicy(name, at),
      nextRuleId: createRuleIds(),
    }),
  );
  for (const { name, access } of configuration.policies) {
    const policy = await compiler.compile(access);
    if (policy !== undefined) named.set(name, policy);
  }
  const served: Served[] = [];
  for (const distribution of configuration.distributions) {
    served.push(await compileDistribution(distribution, compiler));
  }
  return {
    distributions: served,
    authorityFiles: [...authorityFiles],
    revocation,
    problems: [...loaded.problems, ...compiler.problems],
  };
}

function treesOf({ policies, distributions }: Configuration): readonly PolicyNode[] {
  const ofDistributions = distributions.flatMap(({ access, paths }) => [
    ...(access === undefined ? [] : [access]),
    ...paths.map((path) => path.access),
  ]);
  return [...policies.map(({ access }) => access), ...ofDistributions];
}

async function compileDistribution(
  { relativeUrl, root, listing, access, paths }: DistributionConfiguration,
  compiler: PolicyCompiler,
): Promise<Served> {
  const compile = async (tree: PolicyNode): Promise<Policy> =>
    (await compiler.compile(tree)) ?? {
      type: 'unusable',
      at: tree.at,
      reason: 'a rule in it could not be made',
    };
  const own = access && (await compile(access));
  const byPath: { readonly path: string; readonly policy: Policy }[] = [];
  for (const { path, access: tree } of paths) byPath.push({ path, policy: await compile(tree) });
  return { relativeUrl, root, listing, policyAt: policiesByPath(own, byPath) };
}

function missingPolicy(name: string, at: string): Policy {
  return { type: 'unusable', at, reason: `there is no policy "${name}"` };
}
