/** What is where no distribution is: texts for everybody, and listings of parents. */

import type { Allowance } from '../access/decision.ts';
import { type OpenTexts, openToAll } from './open-text.ts';
import {
  type Below,
  type ListingParts,
  type ListingQuestion,
  nothingListed,
  type ParentListing,
  readParentListing,
} from './parent-listing.ts';
import type { Refusal } from './refusal.ts';

export interface TextSources {
  /** Absent: there are none. */
  readonly openTexts?: OpenTexts | undefined;
  /** Absent: no parent is listed. */
  readonly below?: Below | undefined;
}

export type FoundText = { readonly listing?: ParentListing } & (
  | { readonly text: string; readonly allowance: Allowance }
  | { readonly refusal: Refusal }
);

/** @returns undefined where nothing is */
export async function findText(
  question: ListingQuestion,
  { openTexts, below, ...parts }: TextSources & Omit<ListingParts, 'below'>,
): Promise<FoundText | undefined> {
  const text = await openTexts?.(question.path);
  if (text !== undefined) return { text, allowance: openToAll };
  const listing = below && (await readParentListing(question, { below, ...parts }));
  if (listing === undefined) return undefined;
  if ('code' in listing) return { refusal: listing };
  const { names, allowance } = listing;
  if (allowance === undefined) return { refusal: nothingListed(listing), listing };
  // It lets nobody in to anything, and charges nothing.
  const { principal } = allowance;
  const listed: Allowance = { outcome: 'allow', principal, rule: 'listing of a parent' };
  return { text: names.join('\n'), allowance: listed, listing };
}
