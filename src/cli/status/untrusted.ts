/**
 * The document that a stats socket wrote. Whoever made the socket may be anybody, so whatever does not
 * have its shape is zero or empty, its size is bounded, and no text of it can drive a terminal (T87).
 */

import { printable } from '../../terminal/output.ts';

/** Entries of a list that are taken; what is over it is left out. */
export const listEntriesMax = 4096;

/** The longest text taken, in characters; what is over it is cut. */
export const textCharactersMax = 500;

/** Undefined for what is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, listEntriesMax) : [];
}

/** On one line, with what stood on several after each other. */
export function textOf(value: unknown): string {
  return typeof value === 'string'
    ? printable(value.slice(0, textCharactersMax)).replaceAll('\n', '; ')
    : '';
}
