/** Documents on their way to MongoDB and back. */

import { BSON } from 'mongodb';
import type { CollectionIndex } from '../collection.ts';
import type { Document, StoredDocument, Value } from '../document.ts';
import { valueAt } from '../path.ts';

/** As the server keeps it. */
export interface MongoRecord {
  readonly _id: string;
  readonly _version: number;
  readonly [name: string]: unknown;
}

export function toRecord(id: string, version: number, fields: Document): MongoRecord {
  return { _id: id, _version: version, ...fields };
}

/** What a record holds was written by a store; other programs have no business in its database. */
export function fromRecord(record: MongoRecord): StoredDocument {
  return record as StoredDocument;
}

/** In bytes of BSON. */
export function recordBytes(record: MongoRecord): number {
  return BSON.calculateObjectSize(record);
}

/** The filter for a document with the same values in a unique index. */
export function sameValues(index: CollectionIndex, fields: Document): Record<string, Value | null> {
  return Object.fromEntries(
    index.fields.map((names) => [names.join('.'), valueAt(fields, names) ?? null]),
  );
}
