/** A repository with a distributor `served`, at the place of its id. */

import { Distributions } from '../../src/repositories/distributions.ts';
import { Repositories } from '../../src/repositories/repositories.ts';
import { claimOf } from '../../src/repository-tasks/distributor-place.ts';
import type { RepositoryTaskParts } from '../../src/repository-tasks/parts.ts';

export type RepositoryKind = 'iso' | 'yum' | 'deb';

export async function createServedRepository(
  parts: Pick<RepositoryTaskParts, 'store' | 'now'>,
  kind: RepositoryKind,
  id = 'acme',
): Promise<void> {
  const distributor = {
    ...{ id: 'served', distributor_type_id: `${kind}_distributor`, auto_publish: false },
    config: { relative_url: id, ...(kind !== 'iso' && { http: true, https: true }) },
  };
  await new Repositories(parts.store, parts.now).create({
    ...{ id, display_name: null, description: null, notes: {} },
    importer: { importer_type_id: `${kind}_importer`, config: {} },
    distributors: [distributor],
  });
  const claim = claimOf(id, distributor);
  if (claim !== undefined) await new Distributions(parts.store, parts.now).claim(claim);
}
