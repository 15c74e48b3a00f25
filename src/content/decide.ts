/** From a request to the distribution it asks for and the verdict of that distribution's policy. */

import type { Denial, Verdict } from '../access/decision.ts';
import { evaluate } from '../access/evaluate.ts';
import type { DecidingPolicy, PolicyAt } from '../access/path-policies.ts';
import type { AskRule } from '../access/policy.ts';
import { type CanonicalizedPath, canonicalizePath, encodePath } from '../http/canonical-path.ts';
import type { CanonicalPath, Distribution, Evidence } from '../model.ts';
import type { AccessRequest } from '../plugin.ts';
import { maskTokens } from '../token-form.ts';
import { withoutPathToken } from './path-token.ts';
import type { Published } from './published.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { Resolved, Resolver } from './resolve.ts';

/** A distribution with its policies, ready to be served. */
export interface Served extends Distribution {
  readonly policyAt: PolicyAt;
  /** What the store says of it; undefined for one of the configuration. */
  readonly stored?: Stored | undefined;
}

/** A distribution of the store. */
export interface Stored {
  /** The id of its repository. */
  readonly repository: string;
  /** Whether it is served over plain HTTP, and over TLS. */
  readonly http: boolean;
  readonly https: boolean;
  /** Where its files are; undefined for a tree that is served as it lies, whose path is `root`, without links. */
  readonly published: Published | undefined;
}

/** Where a request leads: the one canonical path, from which everything follows. */
export interface Target extends Resolved<Served>, DecidingPolicy {
  /** Without the token that stood in it, if one did. */
  readonly path: CanonicalPath;
  readonly pathToken?: string;
}

export interface NoTarget {
  readonly refusal: Refusal;
  /** For logs: a token in it is masked. */
  readonly path: string | undefined;
}

/**
 * @param secure whether the client's connection is TLS: what is not served over it is not there
 * @returns the target, or why there is none (301, 404, 414)
 */
export function locate(
  rawTarget: string,
  resolve: Resolver<Served>,
  secure: boolean,
): Target | NoTarget {
  const canonical = canonicalizePath(rawTarget);
  if (!canonical.ok) {
    return { refusal: refusalOfSpelling(canonical), path: undefined };
  }
  const target = targetAt(canonical.path, resolve, secure);
  if ('refusal' in target) return target;
  return withoutPathToken(target, rawTarget, resolve) ?? target;
}

/** As {@link locate} for a path that is canonical; a token in it is a segment as any other. */
export function targetAt(
  path: CanonicalPath,
  resolve: Resolver<Served>,
  secure: boolean,
): Target | NoTarget {
  const resolved = resolve(path);
  if (resolved === undefined) {
    const refusal = refuse('NOT_FOUND', 'nothing is configured or published at this path');
    return { refusal, path: maskTokens(path) };
  }
  const { distribution, pathInDistribution } = resolved;
  if (!isServedOver(distribution, secure)) {
    const refusal = refuse('NOT_FOUND', notServedOver(distribution, secure));
    return { refusal, path: maskTokens(path) };
  }
  return { path, ...resolved, ...distribution.policyAt(pathInDistribution) };
}

function isServedOver({ stored }: Served, secure: boolean): boolean {
  return stored === undefined || (secure ? stored.https : stored.http);
}

function notServedOver({ relativeUrl }: Served, secure: boolean): string {
  return `the distribution ${relativeUrl} is not served over ${secure ? 'TLS' : 'plain HTTP'}`;
}

/** Where the client is sent is decided when it comes there: nothing is looked up for it here. */
function refusalOfSpelling(refused: Extract<CanonicalizedPath, { ok: false }>): Refusal {
  const { reason, respelled, tooLong } = refused;
  if (respelled !== undefined) return refuse('MOVED', reason, { location: locationOf(respelled) });
  return refuse(tooLong === true ? 'URI_TOO_LONG' : 'NOT_FOUND', reason);
}

/** Relative to the request's own URL where a token stands in it, which no answer repeats (T62). */
function locationOf(respelled: CanonicalPath): string {
  if (maskTokens(respelled) === respelled) return encodePath(respelled);
  return `./${encodePath(respelled.slice(respelled.lastIndexOf('/') + 1))}`;
}

/** The request as rules see it; frozen, because rules are other people's code. */
export function accessRequestFor(
  target: Target,
  method: 'GET' | 'HEAD',
  evidence: Evidence,
  requestId?: string,
): AccessRequest {
  return Object.freeze({
    requestId,
    method,
    path: target.path,
    distribution: target.distribution.relativeUrl,
    repository: target.distribution.stored?.repository,
    pathInDistribution: target.pathInDistribution,
    policyPath: target.policyPath,
    evidence: evidenceFor(target, evidence),
  });
}

function evidenceFor({ pathToken }: Target, evidence: Evidence): Evidence {
  return pathToken === undefined ? evidence : Object.freeze({ ...evidence, pathToken });
}

export function decide(target: Target, request: AccessRequest, ask: AskRule): Promise<Verdict> {
  return evaluate(target.policy, request, ask);
}

/**
 * Refuses what a link leads to where another policy of the distribution decides: that one was not
 * asked.
 *
 * @param found link-free, in the root of the distribution
 */
export function refusalOfLink(
  { distribution, policyPath }: Pick<Target, 'distribution' | 'policyPath'>,
  found: { readonly path: string },
): Refusal | undefined {
  const { policyPath: other } = distribution.policyAt(found.path === '' ? '/' : found.path);
  if (other === policyPath) return undefined;
  return refuse('NOT_FOUND', `it is a link to where the policy of ${other} decides`);
}

/** @returns undefined for an allow */
export function refusalOfVerdict(verdict: Verdict): Refusal | undefined {
  switch (verdict.outcome) {
    case 'allow':
      return undefined;
    case 'deny':
      return refusalOfDenial(verdict);
    case 'fault':
      return refuse('CANNOT_DECIDE', verdict.reason);
  }
}

/** A client that has to wait is told so first: other credentials would have to wait as well. */
function refusalOfDenial({ reason, challenges, retryAfterSeconds }: Denial): Refusal {
  if (retryAfterSeconds !== undefined) {
    return refuse('TOO_MANY_ATTEMPTS', reason, { retryAfterSeconds });
  }
  return challenges.length === 0
    ? refuse('ACCESS_DENIED', reason)
    : refuse('CREDENTIALS_NEEDED', reason, { challenges });
}
