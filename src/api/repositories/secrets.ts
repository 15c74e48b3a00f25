/** Secrets in configurations: they go in and never out, and what stands for one may come back. */

import type { JsonObject as StoredObject } from '../../repositories/documents.ts';
import type { Value } from '../../stores/document.ts';
import { isoDate } from '../criteria.ts';
import type { Json, JsonObject } from '../outcome.ts';

/** What stands for a secret. */
export const hidden = '*****';

/** The configuration as it is shown. */
export function hideSecrets(config: StoredObject, secrets: readonly string[]): JsonObject {
  const shown = Object.entries(config).map(([name, value]): [string, Json] => [
    name,
    secrets.includes(name) && value !== null ? hidden : toJson(value),
  ]);
  return Object.fromEntries(shown);
}

/** A change that a client made of what it was shown: a secret that comes back hidden stays as it is. */
export function withoutHidden(config: StoredObject, secrets: readonly string[]): StoredObject {
  return Object.fromEntries(
    Object.entries(config).filter(([name, value]) => !secrets.includes(name) || value !== hidden),
  );
}

/** What is stored as JSON has it: a date is a text. */
export function toJson(value: Value): Json {
  if (value instanceof Date) return isoDate(value);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(toJson);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, toJson(one)]));
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
