/** Pieces of a filter as a client wrote it. */

import { PortcullisError } from '../errors.ts';
import { isObject } from './path.ts';

/** `{"$date": …}` and `{"$oid": …}` are values, though they look like operators. */
export function isOperators(raw: unknown): raw is { readonly [name: string]: unknown } {
  if (!isObject(raw)) return false;
  const names = Object.keys(raw);
  if (names.length === 1 && (names[0] === '$date' || names[0] === '$oid')) return false;
  return names.some((name) => name.startsWith('$'));
}

/** MongoDB takes numbers for flags, and clients send them. */
export function readFlag(path: string, raw: unknown): boolean {
  if (typeof raw === 'boolean') return raw;
  if (raw === 0 || raw === 1) return raw === 1;
  throw invalidFilter(`$exists of ${quote(path)} needs true or false`);
}

export function readSize(path: string, raw: unknown): number {
  if (typeof raw === 'number' && Number.isInteger(raw) && raw >= 0 && raw <= 0x7fffffff) return raw;
  throw invalidFilter(`$size of ${quote(path)} needs a whole number that is not negative`);
}

/** A part of a text, for a message. */
export function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

/** The error for a filter of which `state` is true. */
export function invalidFilter(state: string): PortcullisError {
  return new PortcullisError('FILTER_INVALID', `Cannot filter: ${state}`);
}
