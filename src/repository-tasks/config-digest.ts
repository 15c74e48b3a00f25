/** A digest of what a publication is made with besides units: another one is a reason to publish again. */

import { createHash } from 'node:crypto';
import type { JsonObject } from '../repositories/documents.ts';
import type { Value } from '../stores/document.ts';

/** What changes nothing of a publication: whether to make one at all. */
const withoutMeaning: ReadonlySet<string> = new Set(['force_full']);

/** @param isSigned whether metadata is signed with it */
export function configDigest(config: JsonObject, isSigned: boolean): string {
  const meant = Object.entries(config).filter(([name]) => !withoutMeaning.has(name));
  const text = JSON.stringify([isSigned, sorted(Object.fromEntries(meant))]);
  return createHash('sha256').update(text).digest('hex');
}

/** The same for objects whose names were written in another order. */
function sorted(value: Value): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, each]) => [name, sorted(each)]);
}
