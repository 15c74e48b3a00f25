/** Documents as JSON text. A date is `{"$date": milliseconds}`, which no document can hold itself. */

import type { Document, Value } from '../document.ts';
import { isObject } from '../path.ts';

const dateName = '$date';

export function encodeDocument(document: Document): string {
  return JSON.stringify(encodeValue(document));
}

export function decodeDocument(text: string): Document {
  // A reviver makes the parser several times slower, and few documents have dates.
  return text.includes(dateName) ? JSON.parse(text, reviveDate) : JSON.parse(text);
}

function encodeValue(value: Value): unknown {
  if (value instanceof Date) return { [dateName]: value.getTime() };
  if (Array.isArray(value)) return value.map(encodeValue);
  if (!isObject(value)) return value;
  const encoded: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) encoded[name] = encodeValue(field);
  return encoded;
}

function reviveDate(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(dateName in value)) return value;
  return new Date(Number(value[dateName]));
}
