/** The first half of taking a place: the claim is written, and nobody else was looked for. */

import type { Store } from '../stores/store.ts';
import {
  type ClaimResult,
  claimedAs,
  type DistributionClaim,
  isSameDistributor,
} from './distribution-claim.ts';
import { inOrder } from './distribution-order.ts';
import { type DistributionDocument, distributionsCollection } from './documents.ts';
import { placeId } from './place.ts';

/** @returns who is there, when it is another distributor */
export async function holdPlace(
  claim: DistributionClaim,
  store: Store,
  claimed: Date,
): Promise<ClaimResult> {
  const _id = placeId(claim.area, claim.relative_url);
  const empty = { publication: null, directory: null, earlier: [], is_established: false };
  for (;;) {
    const inserted = await inOrder(store, _id, (order) =>
      store.insert(distributionsCollection, { ...claim, ...empty, _id, claimed, order }),
    );
    if (inserted.outcome === 'inserted') return claimedAs(inserted.document, true);
    const held = await inOrder(store, _id, (order) =>
      store.update(distributionsCollection, _id, (document) =>
        isSameDistributor(document, claim) ? { ...document, ...claim, claimed, order } : undefined,
      ),
    );
    if (held.outcome === 'updated') return claimedAs(held.document, false);
    const by = await store.get(distributionsCollection, _id);
    // Whoever had it gave it back in between.
    if (by !== undefined && !isSameDistributor(by, claim)) {
      return { outcome: 'taken', by: by as unknown as DistributionDocument };
    }
  }
}
