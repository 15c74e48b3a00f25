/** Opens what the policies of a configuration need: plugins, their options, and what rules ask. */

import { createRuleIds, PolicyCompiler, type PolicyOf, ruleNames } from './access/compile.ts';
import type { RuleId } from './access/memory.ts';
import { policiesByPath } from './access/path-policies.ts';
import { PluginShelf } from './access/plugin-shelf.ts';
import type { Policy } from './access/policy.ts';
import { treesIn } from './config/access-trees.ts';
import type { Configuration, DistributionConfiguration } from './config/configuration.ts';
import { isLeftToStore } from './config/left-to-store.ts';
import { hasStore } from './config/store-use.ts';
import type { Served } from './content/decide.ts';
import type { Logger } from './log.ts';
import type { PolicyNode, Problem } from './model.ts';
import type { LivePolicies, MakePolicies } from './policies/live-policies.ts';
import { unusable } from './policies/made.ts';
import { RevocationLists } from './revocation/revocation-lists.ts';
import { ContentConsumers } from './work/content-consumers.ts';
import { ContentDirectory } from './work/content-directory.ts';
import { createContentServices } from './work/content-services.ts';
import { ContentTokens } from './work/content-tokens.ts';
import type { ControlPlane } from './work/control-plane.ts';
import type { LiveDistributions } from './work/live-distributions.ts';
import { type LivePolicyParts, openLivePolicies } from './work/live-policies.ts';
import { openLiveDistributions } from './work/open-live-distributions.ts';
import { createPolicyMaker } from './work/policy-maker.ts';

export interface OpenedPolicies {
  readonly distributions: readonly Served[];
  /** What the store publishes besides; undefined where there is no store. */
  readonly published: LiveDistributions | undefined;
  /** The files of the CAs that the policies trust. */
  readonly authorityFiles: readonly string[];
  readonly revocation: RevocationLists;
  /** Make policies that nobody is served by: of a tree that could stand in the one or the other. */
  readonly makers: Readonly<Record<'configuration' | 'store', MakePolicies>>;
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
  /** Whether what the store publishes is served as well. */
  readonly servesPublished?: boolean;
  /** Told of rules that are asked no more. */
  readonly forget?: (rules: readonly RuleId[]) => void;
}

/** @param opened gets what has to be closed in the end */
export async function openPolicies(
  parts: PolicyParts,
  opened: AsyncDisposableStack,
): Promise<OpenedPolicies> {
  const { configuration, forget = () => {} } = parts;
  const shelf = new PluginShelf(configuration.plugins, configuration.baseDirectory);
  const loaded = await shelf.load(treesOf(configuration).flatMap(ruleNames));
  const storeLog = parts.storeLog ?? parts.log;
  const authorityFiles = new Set<string>();
  // What rules of the store ask for may be opened later, when the stack of the start is over.
  const later = opened.use(new AsyncDisposableStack());
  const directory = new ContentDirectory({ ...parts, log: storeLog, opened: later });
  const revocation = opened.use(new RevocationLists(parts));
  const tokens = new ContentTokens({ ...parts, log: storeLog, opened: later });
  const consumers = new ContentConsumers({ ...parts, log: storeLog, opened: later });
  const asked = { directory, revocation, tokens, consumers, authorityFiles };
  const servicesFor = createContentServices({ ...parts, ...asked });
  const named = new Map<string, Policy>();
  const nextRuleId = createRuleIds();
  const compiler = opened.use(
    new PolicyCompiler({
      plugins: loaded.plugins,
      servicesFor,
      policyOf: (name, at) => named.get(name) ?? missingPolicy(name, at),
      optionsOf: (plugin, raw) => plugin.parseOptions(raw),
      nextRuleId,
    }),
  );
  for (const { name, access } of configuration.policies) {
    const policy = await compiler.compile(access);
    if (policy !== undefined) named.set(name, policy);
  }
  const maker = { shelf, configured: named, servicesFor, nextRuleId, forget };
  const makerOf: LivePolicyParts['makerOf'] = (policyOf) =>
    createPolicyMaker(maker, 'store', policyOf);
  const { servesPublished = true } = parts;
  const liveParts = { ...parts, storeLog, makerOf, servesPublished };
  const live = await openLive(liveParts, opened);
  const usualPolicy = await compileUsual(configuration, compiler);
  const published =
    live && servesPublished
      ? await openLiveDistributions({ ...liveParts, policies: live, usualPolicy }, opened)
      : undefined;
  const policyOf: PolicyOf = (name, at) => live?.policyOf(name, at) ?? missingPolicy(name, at);
  const served: Served[] = [];
  for (const distribution of configuration.distributions) {
    served.push(await serveDistribution(distribution, compiler, live));
  }
  return {
    distributions: served,
    published,
    authorityFiles: [...authorityFiles],
    revocation,
    makers: {
      configuration: createPolicyMaker(maker, 'configuration', policyOf),
      store: createPolicyMaker(maker, 'store', policyOf),
    },
    problems: [...loaded.problems, ...compiler.problems],
  };
}

function treesOf({ policies, distributions, repositories }: Configuration): readonly PolicyNode[] {
  const usual = repositories.access === undefined ? [] : [repositories.access];
  return [...policies.map(({ access }) => access), ...distributions.flatMap(treesIn), ...usual];
}

async function openLive(
  parts: LivePolicyParts & Required<Pick<PolicyParts, 'servesPublished'>>,
  opened: AsyncDisposableStack,
): Promise<LivePolicies | undefined> {
  const { configuration, servesPublished } = parts;
  const isAsked = servesPublished || configuration.distributions.some(isLeftToStore);
  return hasStore(configuration) && isAsked ? openLivePolicies(parts, opened) : undefined;
}

async function compileUsual(
  { repositories: { access } }: Configuration,
  compiler: PolicyCompiler,
): Promise<Policy | undefined> {
  return access && (await compilePolicy(access, compiler));
}

/** What could not be made is told as a problem, and lets nobody in. */
async function compilePolicy(tree: PolicyNode, compiler: PolicyCompiler): Promise<Policy> {
  return (await compiler.compile(tree)) ?? unusable(tree.at, 'a rule in it could not be made');
}

async function serveDistribution(
  distribution: DistributionConfiguration,
  compiler: PolicyCompiler,
  live: LivePolicies | undefined,
): Promise<Served> {
  const { relativeUrl, root, listing, access, paths } = distribution;
  if (live !== undefined && isLeftToStore(distribution)) {
    return { relativeUrl, root, listing, policyAt: live.accessOf(relativeUrl) };
  }
  const compile = (tree: PolicyNode): Promise<Policy> => compilePolicy(tree, compiler);
  const own = access && (await compile(access));
  const byPath: { readonly path: string; readonly policy: Policy }[] = [];
  for (const { path, access: tree } of paths) byPath.push({ path, policy: await compile(tree) });
  return { relativeUrl, root, listing, policyAt: policiesByPath(own, byPath) };
}

function missingPolicy(name: string, at: string): Policy {
  return unusable(at, `there is no policy "${name}"`);
}
