/** What is sent for a file: status, validators, length, ranges. Pure; the bytes come later. */

import type { IncomingHttpHeaders } from 'node:http';
import { evaluateConditions, ifRangeHolds, type Validators } from '../http/conditions.ts';
import { formatHttpDate } from '../http/http-date.ts';
import { type ByteRange, selectRanges } from '../http/ranges.ts';

/** Size in bytes and time in whole seconds of a file. */
export interface FileFacts {
  readonly size: number;
  readonly modified: number;
  /** Tells files of one size and second apart; absent where a front sends the tag by itself. */
  readonly inode?: string | undefined;
}

/** How a request for a file is answered, before anything is sent. */
export type Answer =
  | { readonly status: 200 }
  | { readonly status: 206; readonly ranges: readonly ByteRange[] }
  | { readonly status: 304 | 412 | 416 };

/** nginx's own form, so that whoever sends a file names it the same; with the inode, ours. Strong. */
function entityTag({ modified, size, inode }: FileFacts): string {
  const parts = [modified.toString(16), size.toString(16), ...(inode === undefined ? [] : [inode])];
  return `"${parts.join('-')}"`;
}

/** Conditions first, then ranges (RFC 9110 §13.2.2). Only GET has ranges (§14.2). */
export function chooseAnswer(
  method: string | undefined,
  headers: IncomingHttpHeaders,
  facts: FileFacts,
  rangesMax: number,
): Answer {
  const validators: Validators = { etag: entityTag(facts), modified: facts.modified };
  const outcome = evaluateConditions(headers, validators);
  if (outcome === 'failed') return { status: 412 };
  if (outcome === 'not-modified') return { status: 304 };
  if (method !== 'GET' || headers.range === undefined) return { status: 200 };
  const ifRange = headers['if-range']?.toString();
  if (!ifRangeHolds(ifRange, validators)) return { status: 200 };
  const selection = selectRanges(headers.range, facts.size, rangesMax);
  if (selection.kind === 'unsatisfiable') return { status: 416 };
  return selection.kind === 'whole' ? { status: 200 } : { status: 206, ranges: selection.ranges };
}

/** ETag and Last-Modified. */
export function validatorHeaders(
  facts: FileFacts,
): Readonly<Record<'ETag' | 'Last-Modified', string>> {
  return { ETag: entityTag(facts), 'Last-Modified': formatHttpDate(facts.modified) };
}
