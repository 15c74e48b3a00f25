/** Conditional requests (RFC 9110 §13) against one representation. */

import { parseHttpDate } from './http-date.ts';

/** What identifies the representation that is current. */
export interface Validators {
  /** A strong entity-tag with its quotes. */
  readonly etag: string;
  /** Seconds since 1970, UTC. */
  readonly modified: number;
}

/** The request headers that preconditions are read from, with lower-case names. */
export interface ConditionHeaders {
  readonly 'if-match'?: string | undefined;
  readonly 'if-none-match'?: string | undefined;
  readonly 'if-modified-since'?: string | undefined;
  readonly 'if-unmodified-since'?: string | undefined;
}

/** What the conditions say: send it, answer 304, or answer 412. */
export type ConditionOutcome = 'proceed' | 'not-modified' | 'failed';

/** Evaluates the preconditions of a GET or HEAD in the order of RFC 9110 §13.2.2. */
export function evaluateConditions(
  headers: ConditionHeaders,
  validators: Validators,
): ConditionOutcome {
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined) {
    if (!listMatches(ifMatch, validators.etag, 'strong')) return 'failed';
  } else if (modifiedAfter(headers['if-unmodified-since'], validators) === true) {
    return 'failed';
  }
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined) {
    return listMatches(ifNoneMatch, validators.etag, 'weak') ? 'not-modified' : 'proceed';
  }
  const modified = modifiedAfter(headers['if-modified-since'], validators);
  return modified === false ? 'not-modified' : 'proceed';
}

/**
 * Whether If-Range lets a Range apply (RFC 9110 §13.1.5): a strong comparison for an entity-tag, an
 * exact one for a date. As in nginx, a date counts as strong however young the file is: apt resumes
 * with nothing else.
 */
export function ifRangeHolds(ifRange: string | undefined, validators: Validators): boolean {
  if (ifRange === undefined) return true;
  if (ifRange.endsWith('"')) return ifRange === validators.etag;
  return parseHttpDate(ifRange) === validators.modified;
}

/**
 * Whether a front that reads If-Unmodified-Since by itself would answer 412 where RFC 9110 has it
 * ignored: beside If-Match, or when it is no date. (nginx's ngx_http_not_modified_filter_module.)
 */
export function unmodifiedSinceIsIgnored(headers: ConditionHeaders): boolean {
  const since = headers['if-unmodified-since'];
  if (since === undefined) return false;
  return headers['if-match'] !== undefined || parseHttpDate(since) === undefined;
}

/** Undefined when the header is absent or no date: such a condition is ignored. */
function modifiedAfter(header: string | undefined, validators: Validators): boolean | undefined {
  const since = header === undefined ? undefined : parseHttpDate(header);
  return since === undefined ? undefined : validators.modified > since;
}

/** RFC 9110 §8.8.3.2. Our own tags hold no comma, so that a list may be cut at each. */
function listMatches(list: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true;
  for (const item of list.split(',')) {
    const tag = item.trim();
    if (tag === etag) return true;
    if (comparison === 'weak' && tag.startsWith('W/') && tag.slice(2) === etag) return true;
  }
  return false;
}
