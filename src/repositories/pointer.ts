/** Which publications a distribution is, and was a moment ago. */

import type { DistributionDocument } from './documents.ts';

export type Pointer = Pick<DistributionDocument, 'publication' | 'earlier'>;

/** @param graceSeconds how long the one before is still read */
export function pointedTo(
  { publication: former, earlier }: Pointer,
  publication: string,
  graceSeconds: number,
  now: Date,
): Pointer {
  if (former === publication) return { publication, earlier: withoutPast(earlier, now) };
  const until = new Date(now.getTime() + graceSeconds * 1000);
  const all = former === null ? earlier : [{ publication: former, until }, ...earlier];
  const others = all.filter((one) => one.publication !== publication);
  return { publication, earlier: withoutPast(others, now) };
}

/** Those that are still read. */
export function withoutPast(
  earlier: DistributionDocument['earlier'],
  now: Date,
): DistributionDocument['earlier'] {
  return earlier.filter(({ until }) => until > now);
}
