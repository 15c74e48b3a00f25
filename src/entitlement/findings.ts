/** What a certificate's paths say of a path that is asked for. */

import type { EntitlementFinding } from '../plugin.ts';

/** Characters of a certificate's path that are shown. */
const shownMax = 200;

/** @see EntitlementFinding */
export function granted(by: string, coveredSegments: number | undefined): EntitlementFinding {
  return { granted: true, by: shorten(by), coveredSegments };
}

/** @param nearest of the certificate's paths, the one that goes along with the asked one for longest */
export function notGranted(nearest?: string): EntitlementFinding {
  const reason =
    nearest === undefined
      ? 'it grants nothing at all'
      : `none of its paths leads there; the nearest is ${shorten(nearest)}`;
  return { granted: false, reason };
}

export function tooManyComparisons(comparisonsMax: number): EntitlementFinding {
  return {
    granted: false,
    reason: `it takes more than ${comparisonsMax} comparisons to find whether one of its paths leads there`,
  };
}

function shorten(path: string): string {
  return path.length > shownMax ? `${path.slice(0, shownMax)}…` : path;
}
