/** Where distributions are: relative URLs, compared by whole segments. */

import type { Area, DistributionDocument } from './documents.ts';
import { repositoryLimits } from './limits.ts';

/** The `_id` of the distribution at a place. */
export function placeId(area: Area, relativeUrl: string): string {
  return `${area}:${relativeUrl}`;
}

/**
 * What is wrong with a relative URL as a place, as a clause; undefined when nothing is. One that the types of
 * repositories have read is right but for its length.
 */
export function relativeUrlProblem(relativeUrl: string): string | undefined {
  const { relativeUrlBytesMax } = repositoryLimits;
  if (Buffer.byteLength(relativeUrl) > relativeUrlBytesMax) {
    return `it is longer than ${relativeUrlBytesMax} bytes`;
  }
  const isWhole = relativeUrl
    .split('/')
    .every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  return isWhole ? undefined : 'it is not made of whole segments';
}

type Place = Pick<DistributionDocument, 'area' | 'relative_url'>;

/** Whether both are one place, or one is above the other. */
export function overlaps(one: Place, other: Place): boolean {
  if (one.area !== other.area) return false;
  return (
    isAtOrBelow(one.relative_url, other.relative_url) ||
    isAtOrBelow(other.relative_url, one.relative_url)
  );
}

function isAtOrBelow(url: string, above: string): boolean {
  return url === above || url.startsWith(`${above}/`);
}
