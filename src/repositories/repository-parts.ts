/** The importer and the distributors of a repository, as values. */

import type { Distributor, Importer, Repository } from './documents.ts';
import { repositoryLimits } from './limits.ts';

export type NewImporter = Pick<Importer, 'importer_type_id' | 'config'>;
export type NewDistributor = Pick<
  Distributor,
  'id' | 'distributor_type_id' | 'config' | 'auto_publish'
>;

export function distributorOf(
  { distributors }: Pick<Repository, 'distributors'>,
  id: string,
): Distributor | undefined {
  return distributors.find((distributor) => distributor.id === id);
}

/** Why a distributor of this id cannot be added. */
export function distributorRefusal(
  distributors: readonly Distributor[],
  id: string,
): 'duplicate' | 'full' | undefined {
  if (distributorOf({ distributors }, id) !== undefined) return 'duplicate';
  return distributors.length >= repositoryLimits.distributorsMax ? 'full' : undefined;
}

export function newImporter(importer: NewImporter): Importer {
  return { ...importer, scratchpad: {}, last_sync: null, last_updated: null };
}

export function newDistributor(distributor: NewDistributor): Distributor {
  return {
    ...distributor,
    scratchpad: {},
    last_publish: null,
    last_updated: null,
    published: null,
  };
}
