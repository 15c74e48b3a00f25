/** What a delivery is given, and what it tells. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Configuration, HandOff } from '../config/configuration.ts';
import type { CanonicalPath, Distribution } from '../model.ts';
import type { Found } from './find.ts';
import type { PublishedPlace } from './find-served.ts';
import type { Refusal } from './refusal.ts';

export type DeliverySettings = Pick<
  Configuration['content'],
  'internalPrefix' | 'visibleDotNames' | 'listingPageEntries' | 'rangesMax' | 'cacheControl'
>;

/** An allowed GET or HEAD for something that is there. */
export interface DeliveryRequest<F extends Found = Found> {
  readonly found: F;
  readonly distribution: Distribution;
  /** The publication that has it, if it is one that has. */
  readonly published?: PublishedPlace | undefined;
  /** The whole request path. */
  readonly path: CanonicalPath;
  /** As the resolver gave it. */
  readonly pathInDistribution: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly handOff: HandOff;
  readonly settings: DeliverySettings;
  /** Asked before a body is sent, and before a front is; absent where it costs nothing. */
  readonly settle?: Settle;
}

/**
 * Settles what the access costs.
 *
 * @param bytes of the file, of the ranges of it, or of the listing
 * @returns why nothing may be sent; undefined once it is settled
 */
export type Settle = (bytes: number) => Promise<Refusal | undefined>;

/** Nothing was sent. */
export interface Undelivered {
  readonly refusal: Refusal;
}

/** What was done, for the decision log. */
export interface Delivery {
  /** Of a hand-off: 200, whatever the front makes of it. */
  readonly status: number;
  /** Bytes of the body that this process sent. */
  readonly bytes: number;
  /** Bytes that a front was asked to send; absent where none was. */
  readonly handedOver?: number;
  /** `aborted`: the client went away. `failed`: the connection was broken for `detail`. */
  readonly outcome: 'complete' | 'handed-off' | 'aborted' | 'failed';
  readonly detail?: string;
}
