/** Documents as JSON text. A date is `{"$date": milliseconds}`, which no document can hold itself. */

import type { Document, Value } from '../document.ts';
import { isObject } from '../path.ts';

const dateName = '$date';

export function encodeDocument(document: Document): string {
  return JSON.stringify(encodeValue(document));
}

export function decodeDocument(text: string): Document {
  const document: Document = JSON.parse(text);
  // A reviver would make the parser six times slower.
  if (text.includes(dateName)) reviveDates(document);
  return document;
}

function encodeValue(value: Value): unknown {
  if (value instanceof Date) return { [dateName]: value.getTime() };
  if (Array.isArray(value)) return value.map(encodeValue);
  if (!isObject(value)) return value;
  const encoded: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) encoded[name] = encodeValue(field);
  return encoded;
}

/** In place: nobody else has what was just parsed. */
function reviveDates(holder: object): void {
  for (const [name, value] of Object.entries(holder)) {
    if (typeof value !== 'object' || value === null) continue;
    if (dateName in value) Reflect.set(holder, name, new Date(Number(value[dateName])));
    else reviveDates(value);
  }
}
