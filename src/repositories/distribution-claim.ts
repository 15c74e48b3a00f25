/** What a distributor wants to have served, and what came of it. */

import type { Document } from '../stores/document.ts';
import type { DistributionDocument } from './documents.ts';

/** What a distributor wants to be served, and where. */
export type DistributionClaim = Pick<
  DistributionDocument,
  'area' | 'relative_url' | 'repository' | 'distributor' | 'http' | 'https' | 'access' | 'gpg_key'
>;

export type ClaimResult =
  /** @property isNew false when the distributor had the place before */
  | {
      readonly outcome: 'claimed';
      readonly distribution: DistributionDocument;
      readonly isNew: boolean;
    }
  /** Another distributor is there, above or below. Two at once may both be told so. */
  | { readonly outcome: 'taken'; readonly by: DistributionDocument };

export type PointResult =
  | { readonly outcome: 'pointed'; readonly distribution: DistributionDocument }
  | { readonly outcome: 'missing' };

type OfDistributor = Pick<DistributionDocument, 'repository' | 'distributor'>;

export function isSameDistributor(one: Document | OfDistributor, other: OfDistributor): boolean {
  return one.repository === other.repository && one.distributor === other.distributor;
}

export function claimedAs(document: Document, isNew: boolean): ClaimResult {
  const distribution = document as unknown as DistributionDocument;
  return { outcome: 'claimed', distribution, isNew };
}
