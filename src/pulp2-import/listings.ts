/**
 * Distributions for the `listing` files above repositories, by which clients with an entitlement
 * certificate learn what a `$releasever` may stand for.
 */

import { policyNodesMax } from '../config/policy.ts';
import { type Distribution, type DistributionParts, treeOf } from './distributions.ts';
import type { Grant } from './guard.ts';
import type { Repository } from './published.ts';

/** One for each first segment below which a repository asks for an entitlement. */
export async function planListings(
  repositories: readonly Repository[],
  distributions: readonly Distribution[],
  parts: DistributionParts,
): Promise<readonly Distribution[]> {
  const byUrl = new Map(distributions.map((each) => [each.relativeUrl, each]));
  const tops = Map.groupBy(
    repositories.filter(({ kind }) => kind === 'yum'),
    ({ relativeUrl }) => relativeUrl.split('/', 1)[0] ?? '',
  );
  const planned: Distribution[] = [];
  for (const [top, below] of tops) {
    // Of what is not a distribution itself, the one above it would decide.
    if (byUrl.has(top) || below.some(({ relativeUrl }) => !byUrl.has(relativeUrl))) continue;
    const access = entitlementsOf(below.flatMap(({ relativeUrl }) => byUrl.get(relativeUrl) ?? []));
    const listing = access.length > 0 ? await planListing(top, below, access, parts) : undefined;
    if (listing !== undefined) planned.push(listing);
  }
  return planned;
}

async function planListing(
  top: string,
  below: readonly Repository[],
  access: readonly Grant[],
  { installation, protection: { notes }, trees }: DistributionParts,
): Promise<Distribution | undefined> {
  const [first] = below;
  const published = first?.published.https ?? first?.published.http ?? '';
  const path = published.slice(0, published.length - (first?.relativeUrl.length ?? 0)) + top;
  const source = await installation.find(path);
  if (source?.kind !== 'directory') return undefined;
  if (access.length >= policyNodesMax) {
    notes.add(
      'not carried over',
      `the listing files below ${top}: ${access.length} CAs would have to decide about them, and a policy has at most ${policyNodesMax} nodes`,
    );
    return undefined;
  }
  const root =
    trees === undefined ? installation.onHost(source.path) : treeOf(trees, 'listings', top);
  return { relativeUrl: top, root, access, source, isListing: true };
}

/** Each CA once. */
function entitlementsOf(distributions: readonly Distribution[]): readonly Grant[] {
  const byName = new Map<string, Grant>();
  for (const each of distributions.flatMap(({ access }) => access)) {
    if (each.rule === 'entitlement') byName.set(each.authority.name, each);
  }
  return [...byName.values()];
}
