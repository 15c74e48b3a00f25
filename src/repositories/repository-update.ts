/** What a change of a repository came to. */

import type { Distributor, Repository } from './documents.ts';
import { distributorOf } from './repository-parts.ts';

export type RepositoryUpdate =
  | { readonly outcome: 'updated'; readonly repository: Repository }
  /** The change gave undefined. */
  | { readonly outcome: 'left' }
  | { readonly outcome: 'missing' };

export type DistributorUpdate =
  | {
      readonly outcome: 'updated';
      readonly repository: Repository;
      readonly distributor: Distributor;
    }
  /** There is no such repository, or it has no such distributor. */
  | { readonly outcome: 'missing' }
  /** The repository has a distributor of this id. */
  | { readonly outcome: 'duplicate' }
  /** It has as many as it may. */
  | { readonly outcome: 'full' };

/** @param id of the distributor that was changed */
export function distributorUpdate(result: RepositoryUpdate, id: string): DistributorUpdate {
  if (result.outcome !== 'updated') return { outcome: 'missing' };
  const distributor = distributorOf(result.repository, id);
  if (distributor === undefined) return { outcome: 'missing' };
  return { ...result, distributor };
}
