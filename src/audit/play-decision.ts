/** What is left of a request in the decision log, to be played again; and what is not. */

import type { Store } from '../stores/store.ts';
import type { DecisionEntry } from './entry.ts';
import { fingerprintOf } from './present-decision.ts';
import { findSeenCertificate } from './seen-certificates.ts';

/** A request as it is in the log, in the words of `ExplainQuery`. */
export interface LoggedRequest {
  readonly target: string;
  readonly method: 'GET' | 'HEAD';
  readonly secure: boolean;
  readonly certificatePem?: string;
  readonly user?: string;
  readonly remoteUser?: string;
  readonly address?: string;
}

export interface ReplayedRequest {
  /** Undefined for a method that content does not have. */
  readonly request: LoggedRequest | undefined;
  /** What the client sent and nobody kept: without it, another answer may come of it. */
  readonly missing: readonly Missing[];
}

export type Missing = 'password' | 'token' | 'query' | 'certificate';

export async function replay(
  entry: DecisionEntry,
  store: Pick<Store, 'get'>,
): Promise<ReplayedRequest> {
  const { path: target, address, secure = true, user, remoteUser, unlogged = [] } = entry;
  const { method } = entry;
  const fingerprint = fingerprintOf(entry);
  const certificatePem = fingerprint && (await findSeenCertificate(store, fingerprint));
  const isCertificateMissing = entry.certificate !== undefined && certificatePem === undefined;
  const missing = [...unlogged, ...(isCertificateMissing ? ['certificate' as const] : [])];
  if (method !== 'GET' && method !== 'HEAD') return { request: undefined, missing };
  const request: LoggedRequest = {
    target,
    method,
    secure,
    ...(certificatePem !== undefined && { certificatePem }),
    ...(user !== undefined && { user }),
    ...(remoteUser !== undefined && { remoteUser }),
    ...(address !== undefined && { address }),
  };
  return { request, missing };
}
