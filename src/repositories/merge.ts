/** How notes and configurations are changed. */

import type { Value } from '../stores/document.ts';
import type { JsonObject } from './documents.ts';

/** `given` with the names of `delta`: each takes the place of what was there, and null takes it away. */
export function mergeObject(given: JsonObject, delta: JsonObject): JsonObject {
  const merged = new Map<string, Value>(Object.entries(given));
  for (const [name, value] of Object.entries(delta)) {
    if (value === null) merged.delete(name);
    else merged.set(name, value);
  }
  return Object.fromEntries(merged);
}
