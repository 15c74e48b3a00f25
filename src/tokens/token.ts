/**
 * What is kept of a token: its terms in one document, which changes seldom, and what was counted in
 * another, which changes with its use and decides by itself whether one more fits.
 */

import type { CollectionDeclaration } from '../stores/collection.ts';

export const tokenCollection = 'tokens';
export const tokenCountCollection = 'token_counts';

/** To be declared where the store is opened. */
export const tokenCollections: readonly CollectionDeclaration[] = [
  {
    name: tokenCollection,
    indexes: [
      { fields: ['secrets.digest'], multikey: true },
      { fields: ['customer'] },
      { fields: ['created'] },
    ],
  },
  { name: tokenCountCollection, indexes: [] },
];

/** What a token is good for. A term that is null limits nothing. */
export interface TokenTerms {
  /** To whom it was given, for people and lists; 1 to {@link customerCharactersMax} characters. */
  readonly customer: string;
  /** For people; at most {@link descriptionCharactersMax} characters. */
  readonly description: string | null;
  /** The first moment in which it is good. */
  readonly validFrom: Date | null;
  /** The first moment in which it is not any more. */
  readonly validUntil: Date | null;
  /** Relative URLs of distributions, as `acme/el9`; at most {@link distributionsMax}. */
  readonly distributions: readonly string[] | null;
  /**
   * Patterns of a distribution's relative URL and the path in it, as `acme/el9/Packages`, where `*`
   * stands for any one segment. They hold all below them. At most {@link pathPatternsMax}.
   */
  readonly paths: readonly string[] | null;
  /** Responses with a body. */
  readonly downloadsMax: number | null;
  /** Bytes of files and ranges of them. */
  readonly bytesMax: number | null;
  /** Distinct addresses of clients, 1 to {@link addressesMax}; an IPv6 client counts by its /64. */
  readonly addressesMax: number | null;
}

export interface Revocation {
  readonly at: Date;
  /** The login of who revoked it. */
  readonly by: string;
  /** Why, for people; at most {@link reasonCharactersMax} characters. */
  readonly reason: string;
}

export interface Token extends TokenTerms {
  /** Public: it is no secret, and names the token in logs. */
  readonly _id: string;
  /** The login of who made it. */
  readonly by: string;
  readonly created: Date;
  /** When its secret was made, which is later than `created` once it was rotated. */
  readonly secretSince: Date;
  /** Until when the secret before it is good as well; null when there is none. */
  readonly previousSecretUntil: Date | null;
  readonly revoked: Revocation | null;
}

export interface TokenCounts {
  readonly downloads: number;
  readonly bytes: number;
  /** Of a token with `addressesMax`; an IPv6 address stands as its /64. */
  readonly addresses: readonly string[];
  /** Of the last download; of tokens without counted limits known some seconds later. */
  readonly lastUsed: Date | null;
}

export interface CountedToken extends Token {
  readonly counts: TokenCounts;
}

/** A secret as it is stored. */
export type StoredSecret = {
  readonly digest: string;
  readonly since: Date;
  /** Null for the present one. */
  readonly until: Date | null;
};

export const noCounts: TokenCounts = { downloads: 0, bytes: 0, addresses: [], lastUsed: null };

/** Whether each use has to be counted before it is granted. */
export function hasCountedLimits({
  downloadsMax,
  bytesMax,
  addressesMax: addresses,
}: Pick<TokenTerms, 'downloadsMax' | 'bytesMax' | 'addressesMax'>): boolean {
  return downloadsMax !== null || bytesMax !== null || addresses !== null;
}

export const customerCharactersMax = 255;
export const descriptionCharactersMax = 1000;
export const reasonCharactersMax = 1000;
export const distributionsMax = 1000;
export const pathPatternsMax = 100;

/** The highest `addressesMax`: all of them are in one document. */
export const addressesMax = 1000;

/** The longest overlap of a rotation, in seconds: 90 days. */
export const overlapSecondsMax = 90 * 86_400;
