/** Where repositories publish, for who says who may read it. */

import type { AdministrationParts } from '../policies/administration.ts';
import type { Distributions } from '../repositories/distributions.ts';
import type { Area } from '../repositories/documents.ts';
import { placeId } from '../repositories/place.ts';

const areas: readonly Area[] = ['repos', 'isos'];

/** Access is by the relative URL alone: of two areas that have it, for both. */
export function publishedPlaces(
  distributions: Pick<Distributions, 'byId' | 'all'>,
): NonNullable<AdministrationParts['published']> {
  return {
    has: async (relativeUrl) => {
      const found = areas.map((area) => distributions.byId(placeId(area, relativeUrl)));
      return (await Promise.all(found)).some((each) => each !== undefined);
    },
    all: async () => (await distributions.all()).map((each) => each.relative_url),
  };
}
