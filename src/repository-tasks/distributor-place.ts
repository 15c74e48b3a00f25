/** Where a distributor is served, from its configuration, and who may read it there. */

import { derivedAccess } from '../repositories/derived-access.ts';
import type { ClaimResult, DistributionClaim } from '../repositories/distribution-claim.ts';
import type { Distributions } from '../repositories/distributions.ts';
import type { DistributionDocument, Distributor } from '../repositories/documents.ts';
import type { Repositories } from '../repositories/repositories.ts';
import { distributorOf } from '../repositories/repository-parts.ts';
import { distributorType } from '../repository-types/all-types.ts';

/** Undefined for a distributor that serves nothing. */
export function claimOf(
  repository: string,
  distributor: Pick<Distributor, 'id' | 'distributor_type_id' | 'config'>,
): DistributionClaim | undefined {
  const type = distributorType(distributor.distributor_type_id);
  const described = type?.describe(distributor.config, repository);
  if (described === undefined) return undefined;
  return {
    area: described.area,
    relative_url: described.relativeUrl,
    repository,
    distributor: distributor.id,
    http: described.http,
    https: described.https,
    access: derivedAccess(described.authCa, repository),
    gpg_key: described.gpgKey ?? null,
  };
}

/** The places of distributors that are about to be added, or who has one of them; then none is taken. */
export async function claimAll(
  claims: readonly DistributionClaim[],
  distributions: Distributions,
): Promise<
  | { readonly claimed: readonly Claimed[] }
  | { readonly taken: DistributionDocument; readonly claim: DistributionClaim }
> {
  const claimed: Claimed[] = [];
  for (const claim of claims) {
    const result = await distributions.claim(claim);
    if (result.outcome === 'taken') {
      await giveBack(claimed, distributions);
      return { taken: result.by, claim };
    }
    claimed.push(result);
  }
  return { claimed };
}

export type Claimed = Extract<ClaimResult, { readonly outcome: 'claimed' }>;

/** Those that nobody else goes by. */
export async function giveBack(
  claimed: readonly Claimed[],
  distributions: Distributions,
): Promise<void> {
  for (const { distribution, isNew } of claimed) {
    if (isNew) await distributions.release(distribution);
  }
}

/**
 * Makes what is served agree with the distributors that a repository has, where two added one of the same
 * id at once: the places of both were claimed, and one of them is the distributor's.
 *
 * @param isAdded whether it is the one who claimed that added; who did not has changed what the other claimed
 */
export async function settlePlaces(
  claimed: readonly Claimed[],
  isAdded: boolean,
  repositories: Repositories,
  distributions: Distributions,
): Promise<void> {
  for (const { distribution } of claimed) {
    const now = await distributions.byId(distribution._id);
    if (isAdded && now?._version === distribution._version) continue;
    const { repository, distributor: id } = distribution;
    const kept = await repositories.byId(repository);
    const distributor = kept && distributorOf(kept, id);
    const claim = distributor && claimOf(repository, distributor);
    if (claim !== undefined) await distributions.move(claim);
  }
}
