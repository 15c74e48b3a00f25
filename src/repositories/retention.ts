/** Which publications of a distributor have to stay. */

import type { DistributionDocument, PublicationDocument } from './documents.ts';
import { withoutPast } from './pointer.ts';

/**
 * Those that nobody needs: they are complete, no distribution points to them, no grace is left to them, and
 * `kept` later ones are complete; and those that were being removed. What is building is its task's.
 *
 * @param publications of one distributor, the newest first
 * @param distributions of the same distributor
 */
export function removablePublications(
  publications: readonly PublicationDocument[],
  distributions: readonly DistributionDocument[],
  kept: number,
  now: Date,
): readonly PublicationDocument[] {
  const used = new Set(distributions.flatMap((distribution) => usedBy(distribution, now)));
  const complete = publications.filter(({ state }) => state === 'complete');
  const latest = new Set(complete.slice(0, kept).map(({ _id }) => _id));
  return publications.filter(({ _id, state }) => {
    if (used.has(_id) || state === 'building') return false;
    return state === 'removing' || !latest.has(_id);
  });
}

function usedBy({ publication, earlier }: DistributionDocument, now: Date): readonly string[] {
  const inGrace = withoutPast(earlier, now).map((one) => one.publication);
  return publication === null ? inGrace : [publication, ...inGrace];
}
