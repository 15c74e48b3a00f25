/** Where clients find what is served. */

import type { Area, DistributionDocument } from '../repositories/documents.ts';

export interface Places {
  /** What stands before the path, as `https://packages.example.com`. */
  readonly origin: string;
  /** The URL path of each area; begins and ends with `/`. */
  readonly prefixes: Readonly<Record<Area, string>>;
  readonly keyPrefix: string;
  /** The URL paths at which the configuration serves, without a slash at their ends. */
  readonly configured: readonly string[];
}

/** Where nobody has said where clients reach what is served. */
export const unknownPlaces: Places = {
  origin: 'https://localhost',
  prefixes: { repos: '/pulp/repos/', isos: '/pulp/isos/' },
  keyPrefix: '/pulp/gpg/',
  configured: [],
};

type Place = Pick<DistributionDocument, 'area' | 'relative_url'>;

/** The URL path of a distribution, without a slash at its end. */
export function pathOfPlace(
  { area, relative_url }: Place,
  { prefixes }: Pick<Places, 'prefixes'>,
): string {
  return prefixes[area] + relative_url;
}

/** What the configuration serves there, above or below, by whole segments (T24). */
export function configuredNear(place: Place, places: Places): string | undefined {
  const path = pathOfPlace(place, places);
  return places.configured.find(
    (other) => path === other || path.startsWith(`${other}/`) || other.startsWith(`${path}/`),
  );
}
