/** The documents of the decision log: each holds a piece of what one process decided. */

import type { CollectionDeclaration } from '../stores/collection.ts';
import type { Document, StoredDocument } from '../stores/document.ts';
import { type DecisionEntry, decodeEntries, encodeEntries } from './entry.ts';

export const segments = 'access_log';

/**
 * The newest first is the order in which they are read: `until` is unique, so that a store reads no
 * more of them than it is asked for.
 */
export const segmentCollection: CollectionDeclaration = {
  name: segments,
  indexes: [{ fields: ['until'], unique: true }],
};

export interface Segment {
  readonly id: string;
  /** {@link placeOf} its latest entry. */
  readonly until: string;
  /** Milliseconds since 1970 of its earliest and its latest entry. */
  readonly from: number;
  readonly to: number;
  /** Entries that were lost before these, since the segment before. */
  readonly lost: number;
  /** As {@link encodeEntries} makes it. */
  readonly entries: string;
}

/** @param entries at least one */
export function documentOf(
  id: string,
  entries: readonly DecisionEntry[],
  lost: number,
): Document & { readonly _id: string } {
  // Not the first and the last: a wall clock may have been set back meanwhile (T97).
  const times = entries.map(({ time }) => time.getTime());
  const [from, to] = [Math.min(...times), Math.max(...times)];
  return {
    _id: id,
    until: placeOf(to, id),
    from,
    to,
    lost,
    entries: encodeEntries(entries),
  };
}

export function readSegment(document: StoredDocument): Segment {
  const { _id: id, ...fields } = document;
  return { id, ...fields } as unknown as Segment;
}

export function entriesOf({ entries }: Segment): readonly DecisionEntry[] {
  return decodeEntries(entries);
}

/** Where a time stands among the segments: texts of it compare as the times do. */
export function placeOf(milliseconds: number, id = ''): string {
  return `${String(Math.max(0, Math.trunc(milliseconds))).padStart(15, '0')} ${id}`;
}

/** Milliseconds since 1970 of a place. */
export function timeOfPlace(place: string): number {
  return Number.parseInt(place, 10);
}
