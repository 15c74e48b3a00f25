/**
 * The decisions that rules asked to be remembered, bounded in number and time, in this process alone.
 *
 * A decision is found again only for the same rule, in the same distribution under the same policy of
 * it, and byte for byte the same evidence: the key has a SHA-256 over a secret of this process and
 * length-prefixed fields (T51, T66), so that no two identities share one, and no password lies in
 * memory for it. The digest never leaves the process.
 */

import { hash, randomBytes } from 'node:crypto';
import { keepNewest } from '../keep-newest.ts';
import type { Evidence } from '../model.ts';
import type { AccessRequest, Decision, Remember } from '../plugin.ts';

export interface DecisionMemoryOptions {
  /** The longest time a decision is kept, in seconds; 0 keeps none. */
  readonly secondsMax: number;
  /** The most decisions kept; above it the one that was not used for longest goes. */
  readonly entriesMax: number;
  /** Milliseconds of a clock that never jumps (T97). */
  readonly monotonicNow?: () => number;
}

interface Entry {
  readonly decision: Decision;
  readonly expiresAt: number;
  readonly version: number;
}

/** One rule in one policy. A new policy has new rules, so an edit of a policy changes the keys. */
export type RuleId = number;

const scopesWidestFirst: readonly Remember['scope'][] = ['distribution', 'path'];

export class DecisionMemory {
  readonly #entries = new Map<string, Entry>();
  /** What each rule has asked for so far: one that remembers nothing costs no look-up and no digest. */
  readonly #scopes = new Map<RuleId, Set<Remember['scope']>>();
  readonly #evidenceKeys = new WeakMap<Evidence, string>();
  readonly #secret = randomBytes(32).toString('hex');
  readonly #options: DecisionMemoryOptions;
  readonly #now: () => number;

  constructor(options: DecisionMemoryOptions) {
    this.#options = options;
    this.#now = options.monotonicNow ?? (() => performance.now());
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @param version of what the rule decides by besides the request: a decision at another is over */
  recall(rule: RuleId, request: AccessRequest, version = 0): Decision | undefined {
    const asked = this.#scopes.get(rule);
    if (asked === undefined) return undefined;
    for (const scope of scopesWidestFirst) {
      if (!asked.has(scope)) continue;
      const decision = this.#get(this.#key(rule, scope, request), version);
      if (decision !== undefined) return decision;
    }
    return undefined;
  }

  /** What {@link recall} would give, and how many seconds longer; it does not count as used. */
  look(
    rule: RuleId,
    request: AccessRequest,
    version = 0,
  ): { readonly decision: Decision; readonly seconds: number } | undefined {
    for (const scope of scopesWidestFirst) {
      const entry = this.#entries.get(this.#key(rule, scope, request));
      const seconds = entry === undefined ? 0 : (entry.expiresAt - this.#now()) / 1000;
      if (entry?.version === version && seconds > 0) return { decision: entry.decision, seconds };
    }
    return undefined;
  }

  /** @param version from before the rule was asked: what changed meanwhile, it may not have seen */
  keep(rule: RuleId, request: AccessRequest, decision: Decision, version = 0): void {
    if (decision.outcome === 'abstain' || decision.remember === undefined) return;
    const seconds = Math.min(decision.remember.seconds, this.#options.secondsMax);
    if (seconds <= 0 || this.#options.entriesMax <= 0) return;
    const { scope } = decision.remember;
    this.#scopes.set(rule, (this.#scopes.get(rule) ?? new Set()).add(scope));
    const key = this.#key(rule, scope, request);
    const entry = { decision, expiresAt: this.#now() + seconds * 1000, version };
    keepNewest(this.#entries, key, entry, this.#options.entriesMax);
  }

  /** Rules that are asked no more. What they have decided goes as it ends, or for want of room. */
  forget(rules: Iterable<RuleId>): void {
    for (const rule of rules) this.#scopes.delete(rule);
  }

  #get(key: string, version: number): Decision | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.expiresAt <= this.#now() || entry.version !== version) return undefined;
    this.#entries.set(key, entry);
    return entry.decision;
  }

  /** Unambiguous because all parts before the path have a fixed form or say their length. */
  #key(rule: RuleId, scope: Remember['scope'], request: AccessRequest): string {
    const evidence = this.#evidenceKey(request.evidence);
    const { distribution, policyPath, path } = request;
    // One rule of a named policy decides for many distributions, and for many paths of each (T66).
    const place = `${distribution.length}:${distribution} ${policyPath.length}:${policyPath}`;
    return `${rule} ${request.method} ${scope} ${evidence} ${place} ${scope === 'path' ? path : ''}`;
  }

  /** One digest a request, however many rules ask: the evidence of a request is one frozen object. */
  #evidenceKey(evidence: Evidence): string {
    const known = this.#evidenceKeys.get(evidence);
    if (known !== undefined) return known;
    const key = digestEvidence(this.#secret, evidence);
    this.#evidenceKeys.set(evidence, key);
    return key;
  }
}

function digestEvidence(secret: string, evidence: Evidence): string {
  const { address, secure, certificate, basic, bearer, query, pathToken, remoteUser, ...others } =
    evidence;
  // A part that is missing here would be one in which two clients may differ and share a decision.
  others satisfies Readonly<Record<string, never>>;
  const fields = [
    address,
    secure ? 'secure' : 'plain',
    basic?.user,
    basic?.password,
    bearer,
    query,
    pathToken,
    remoteUser,
    ...certificateFields(certificate),
  ];
  // UTF-16 keeps even lone surrogates apart, which UTF-8 would make one.
  const text = Buffer.from(secret + fields.map(lengthPrefixed).join(''), 'utf16le');
  return hash('sha256', text, 'base64');
}

function certificateFields(certificate: Evidence['certificate']): readonly (string | undefined)[] {
  if (certificate === undefined) return [];
  if ('unusable' in certificate) return ['unusable', certificate.unusable];
  const { vouchedBy, fingerprint, intermediates } = certificate;
  return [
    vouchedBy,
    fingerprint,
    ...intermediates.map((der) => Buffer.from(der).toString('latin1')),
  ];
}

/** An absent field is spelled as no present one can be. */
function lengthPrefixed(field: string | undefined): string {
  return field === undefined ? '-' : `${field.length}:${field}`;
}
