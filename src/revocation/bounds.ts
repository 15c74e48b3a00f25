/** The published bounds: how soon every worker obeys a revocation. docs/revocation.md has the table. */

import type { OcspOptions, RevocationOptions } from '../plugin.ts';
import { filePollSeconds, inForceWithinSeconds } from './limits.ts';
import { obeyedMarginSeconds } from './ocsp/limits.ts';

/** Seconds from when a list is changed, or a responder says so, for all that a rule goes by. */
export function obeyedWithinSeconds(options: RevocationOptions): number {
  const ofLists = options.lists.length === 0 ? 0 : listsObeyedWithinSeconds(options);
  const ofResponders = options.ocsp === undefined ? 0 : ocspObeyedWithinSeconds(options.ocsp);
  return Math.max(ofLists, ofResponders);
}

export function listsObeyedWithinSeconds({
  lists,
  refreshSeconds,
}: Pick<RevocationOptions, 'lists' | 'refreshSeconds'>): number {
  const isFetched = lists.some((list) => /^https?:/i.test(list));
  return (isFetched ? refreshSeconds : filePollSeconds) + inForceWithinSeconds;
}

export function ocspObeyedWithinSeconds({ answerSeconds }: OcspOptions): number {
  return answerSeconds + obeyedMarginSeconds;
}
