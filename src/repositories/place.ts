/** Where distributions are: relative URLs, compared by whole segments. */

import type { Filter } from '../stores/filter.ts';
import { parseFilter } from '../stores/parse-filter.ts';
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

/** Filters for what overlaps a place: what is there or above it, and what is below it. */
export function overlapping({ area, relative_url: url }: Place): readonly Filter[] {
  const segments = url.split('/');
  const above = segments.map((_, index) => segments.slice(0, index + 1).join('/'));
  // What begins with the URL and a slash: "0" is the character after it.
  const below = { $gt: `${url}/`, $lt: `${url}0` };
  return [{ $in: above }, below].map((relative_url) => parseFilter({ area, relative_url }));
}
