/** Opens what the store publishes for a worker that serves it. */

import type { Policy } from '../access/policy.ts';
import type { PolicyNode } from '../model.ts';
import type { LivePolicies } from '../policies/live-policies.ts';
import type { LiveTreeParts } from '../policies/live-tree.ts';
import { mapMade, onlyOf } from '../policies/made.ts';
import { Retired } from '../policies/retired.ts';
import { readPolicy } from '../policies/written-tree.ts';
import { publicationsBelow } from '../storage/layout.ts';
import { LiveDistributions } from './live-distributions.ts';
import { firstReadSecondsMax, type LivePolicyParts } from './live-policies.ts';

export interface OpenDistributionsParts extends LivePolicyParts {
  readonly policies: LivePolicies;
  readonly usualPolicy: Policy | undefined;
  readonly now: () => Date;
}

/** @param opened gets what has to be closed in the end */
export async function openLiveDistributions(
  parts: OpenDistributionsParts,
  opened: AsyncDisposableStack,
): Promise<LiveDistributions> {
  const { configuration, controlPlane, policies, usualPolicy, log, storeLog, now } = parts;
  const { repositoryPrefix, isoPrefix } = configuration.content;
  const live = opened.use(
    new LiveDistributions({
      store: await controlPlane.store(),
      prefixes: { repos: repositoryPrefix, isos: isoPrefix },
      publicationsDirectory: publicationsBelow(configuration.storage.directory),
      directoryRoots: configuration.repositories.directoryRoots,
      treeParts: createTreeParts(parts, opened),
      accessOf: (relativeUrl, otherwise) => policies.accessOf(relativeUrl, otherwise),
      usualPolicy,
      outageSeconds: configuration.access.storeOutageSeconds,
      log,
      storeLog,
      now,
    }),
  );
  await live.ready(firstReadSecondsMax);
  return live;
}

/** Names in a tree are those of policies, wherever they are kept. */
function createTreeParts(
  { configuration, policies, makerOf, log }: OpenDistributionsParts,
  opened: AsyncDisposableStack,
): (at: string) => LiveTreeParts<PolicyNode, Policy> {
  const make = makerOf((name, at) => policies.policyOf(name, at));
  const retired = opened.use(new Retired(configuration.limits.requestSeconds));
  return (at) => ({
    read: (raw) => readPolicy(raw, at),
    make: async (tree) => mapMade(await make([tree]), onlyOf),
    retire: (made) => retired.add(made),
    now: () => performance.now(),
    onFailure: (reason) =>
      log.error('What a distributor says of access cannot be used: its clients get 503', {
        at,
        reason,
      }),
  });
}
