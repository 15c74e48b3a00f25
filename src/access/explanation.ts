/** A request that is played, and all that is said of it. docs/explain.md describes each part. */

import type { Principal } from '../model.ts';
import type { ExplainNode } from './explain.ts';

/** The request that `explain` plays, as a client would make it. */
export interface ExplainQuery {
  /** Path, or URL, as the client asks for it. */
  readonly target: string;
  readonly method?: 'GET' | 'HEAD';
  /** The client's own, then any intermediates. */
  readonly certificatePem?: string;
  readonly user?: string;
  /** Of `user`. Without one, rules take the password for right. */
  readonly password?: string;
  /** The token of an `Authorization: Bearer` header, in place of a user and a password. */
  readonly bearer?: string;
  /** The user whom the front has authenticated, on a listener that trusts it with that. */
  readonly remoteUser?: string;
  readonly address?: string;
  /** Whether the client's connection is TLS; unless said, it is, but for a URL of `http:`. */
  readonly secure?: boolean;
  /** Who asks: passwords that are tried count as theirs, and not as the client's. */
  readonly guesser?: string;
}

/** What is wrong with a query, as a clause. */
export interface QueryProblem {
  readonly property: 'address' | 'certificatePem' | 'bearer';
  readonly problem: string;
}

export interface Explanation {
  readonly outcome: 'allow' | 'deny' | 'fault' | 'not-found';
  /** What the client would see. */
  readonly status: number;
  /** The headers of the response that say something of access, caching or the file. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly reason: string;
  readonly distribution: string | undefined;
  readonly path: string | undefined;
  readonly principal: Principal | undefined;
  readonly request: PlayedRequest;
  /** What the presented certificate says of itself; undefined when there is none. */
  readonly certificate: CertificateReport | undefined;
  readonly tree: ExplainNode | undefined;
  readonly bounds: readonly RevocationBound[];
}

/** The evidence that was played, without what is secret. */
export interface PlayedRequest {
  readonly method: 'GET' | 'HEAD';
  readonly secure: boolean;
  readonly address: string | undefined;
  readonly user: string | undefined;
  /** `assumed`: it was not given, and rules took it for right. */
  readonly password: 'given' | 'assumed' | 'none';
  readonly token: 'given' | 'none';
  readonly query: 'given' | 'none';
  readonly remoteUser: string | undefined;
}

/** What a certificate claims, which nobody has verified. */
export interface CertificateReport {
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
  /** Why it cannot be read; then it has nothing of what follows. */
  readonly problem: string | undefined;
  readonly subject: string | undefined;
  readonly issuer: string | undefined;
  readonly serial: string | undefined;
  readonly notBefore: Date | undefined;
  readonly notAfter: Date | undefined;
  /** How many certificates came with it. */
  readonly intermediates: number;
}

/** How soon what was granted is over once something changes, in every worker on every host. */
export interface RevocationBound {
  /** What changes. */
  readonly change: string;
  /** Undefined: at the next reload. */
  readonly seconds: number | undefined;
}
