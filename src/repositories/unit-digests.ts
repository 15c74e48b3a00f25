/** What makes units the same, as digests. */

import { createHash } from 'node:crypto';
import type { Value } from '../stores/document.ts';
import { isObject } from '../stores/path.ts';
import type { JsonObject } from './documents.ts';

/**
 * Over the type and the values of the unit key, in the order of the key; a field that is not there is as
 * null. 64 hexadecimal digits.
 */
export function keyDigest(typeId: string, fields: JsonObject, unitKey: readonly string[]): string {
  return digest(['key', typeId, ...unitKey.flatMap((name) => [name, fieldOf(fields, name)])]);
}

/** Over the type and the values of the fields by which units replace each other. */
export function replacesDigest(
  typeId: string,
  fields: JsonObject,
  replacesBy: readonly string[],
): string {
  const names = replacesBy.toSorted();
  return digest(['replaces', typeId, ...names.flatMap((name) => [name, fieldOf(fields, name)])]);
}

function fieldOf(fields: JsonObject, name: string): Value {
  return Object.hasOwn(fields, name) ? (fields[name] ?? null) : null;
}

function digest(values: readonly Value[]): string {
  return createHash('sha256').update(canonicalJson(values)).digest('hex');
}

/**
 * JSON with the names of each object in order, so that equal values have one text, and different ones
 * never. A date is an object of a name that no document has.
 */
export function canonicalJson(value: Value): string {
  if (value instanceof Date) return `{"$date":${value.getTime()}}`;
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join()}}`;
}
