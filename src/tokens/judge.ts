/** Whether a token is good for a request, by its terms. Pure. */

import { matchesPathPattern } from './path-pattern.ts';
import type { Token } from './token.ts';

export interface TokenUse {
  /** The distribution's relative URL. */
  readonly distribution: string;
  /** With its leading slash. */
  readonly pathInDistribution: string;
}

/** Why it is good for nothing at `now`, as a clause; undefined when it is. */
export function uselessness(
  { revoked, validFrom, validUntil }: Pick<Token, 'revoked' | 'validFrom' | 'validUntil'>,
  now: Date,
): string | undefined {
  if (revoked !== null) return `it was revoked at ${timeOf(revoked.at)}: ${revoked.reason}`;
  // Written so that a clock that shows no time lets nobody in.
  if (validUntil !== null && !(now < validUntil)) return `it expired at ${timeOf(validUntil)}`;
  if (validFrom !== null && !(now >= validFrom)) {
    return `it is not valid before ${timeOf(validFrom)}`;
  }
  return undefined;
}

/** Why it is not good for what is asked, as a clause; undefined when it is. */
export function unfitness(
  { distributions, paths }: Pick<Token, 'distributions' | 'paths'>,
  { distribution, pathInDistribution }: TokenUse,
): string | undefined {
  if (distributions !== null && !distributions.includes(distribution)) {
    return 'it is not for this distribution';
  }
  const path = distribution + pathInDistribution;
  if (paths !== null && !paths.some((pattern) => matchesPathPattern(pattern, path))) {
    return 'it is not for this path';
  }
  return undefined;
}

export function timeOf(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}
