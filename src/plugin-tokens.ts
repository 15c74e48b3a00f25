/** What a rule asks of the tokens of customers. A part of the authorizer API. */

import type { Settlement } from './plugin-rule.ts';

/** A token as it was sent, and what for. */
export interface TokenAttempt {
  /** What was sent in the place of a token: it may be anything. */
  readonly secret: string;
  /** The distribution's relative URL. */
  readonly distribution: string;
  /** As of the request. */
  readonly pathInDistribution: string;
  /** The client's address; undefined when the front did not say. */
  readonly address: string | undefined;
}

/** All reasons are one clause for the operator. */
export type TokenVerdict =
  /** `id` is public, and what a delivery is charged to. */
  | { readonly outcome: 'admitted'; readonly id: string; readonly customer: string }
  /** It is no token, or not any more: another one could help. */
  | { readonly outcome: 'unusable'; readonly reason: string }
  /** It is good, but not for this. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** Not looked at, after too many wrong ones from this network (T52). */
  | { readonly outcome: 'too-many'; readonly retryAfterSeconds: number };

export interface TokenDelivery {
  /** Of the file, of the ranges of it, or of the listing. */
  readonly bytes: number;
  readonly address: string | undefined;
}

/** The tokens in the store. */
export interface CustomerTokens {
  /**
   * Counts nothing, but what was wrong: limits are looked at, and reached only by {@link settle}.
   *
   * @throws PortcullisError STORE_… while the store cannot be asked
   */
  verify(attempt: TokenAttempt): Promise<TokenVerdict>;
  /**
   * Charges one delivery to a token, once, against its limits, of all workers on all hosts together.
   *
   * @throws PortcullisError STORE_… while the store cannot be asked; for a token without counted limits
   *   only once nothing counts any more that is in memory
   */
  settle(id: string, delivery: TokenDelivery, signal: AbortSignal): Promise<Settlement>;
}
