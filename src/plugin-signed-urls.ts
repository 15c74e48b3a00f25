/** What a rule asks of signed URLs. A part of the authorizer API. */

import type { CanonicalPath } from './model.ts';

/** A request, as far as the signature of its URL is about it. */
export interface SignedRequest {
  readonly method: 'GET' | 'HEAD';
  readonly path: CanonicalPath;
  /** As `Evidence.query`. */
  readonly query: string | undefined;
  /** As `Evidence.address`. */
  readonly address: string | undefined;
}

export type SignedUrlVerdict =
  | { readonly valid: true; readonly key: string; readonly expires: Date }
  /** `reason` is one clause for the operator, as `it expired at 2026-01-01T00:00:00Z`. */
  | { readonly valid: false; readonly reason: string };

/** Verifies URLs that were signed with a key of one file. */
export interface UrlVerifier {
  /** @param secondsMax how long a URL may be valid in all */
  verify(request: SignedRequest, secondsMax: number): SignedUrlVerdict;
}
