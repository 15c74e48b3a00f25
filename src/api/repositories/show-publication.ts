/** How the API shows a publication: ours, Pulp 2 has none. */

import { z } from 'zod';
import type { DistributionDocument, PublicationDocument } from '../../repositories/documents.ts';
import { isoDate } from '../criteria.ts';
import type { JsonObject } from '../outcome.ts';

export const publicationSchema = z.strictObject({
  id: z.string(),
  repo_id: z.string(),
  distributor_id: z.string(),
  state: z.enum(['building', 'complete', 'removing']),
  created: z.string(),
  task_id: z.string(),
  unit_counts: z.record(z.string(), z.int()),
  /** Whether it is what clients get. */
  is_served: z.boolean(),
  /** Until when clients in the middle of a transaction get what only it has; null for none. */
  served_until: z.string().nullable(),
});

/** @param distributions of its distributor */
export function showPublication(
  publication: PublicationDocument,
  distributions: readonly DistributionDocument[],
  now: Date,
): JsonObject {
  const { _id } = publication;
  const until = distributions
    .flatMap(({ earlier }) => earlier)
    .find((one) => one.publication === _id && one.until > now)?.until;
  return {
    id: _id,
    repo_id: publication.repository,
    distributor_id: publication.distributor,
    state: publication.state,
    created: isoDate(publication.created),
    task_id: publication.task,
    unit_counts: publication.unit_counts,
    is_served: distributions.some((one) => one.publication === _id),
    served_until: until === undefined ? null : isoDate(until),
  };
}
