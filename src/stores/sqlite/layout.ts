/** Which collections and indexes the database has. They are added to, and never taken away. */

import { PortcullisError } from '../../errors.ts';
import type { CollectionIndex, Collections } from '../collection.ts';
import { decodeDocument } from './codec.ts';
import type { Connection } from './connection.ts';
import { addEntry, findDuplicate } from './entries.ts';

export interface StoredIndex extends CollectionIndex {
  readonly id: number;
}

export interface StoredCollection {
  readonly id: number;
  readonly indexes: readonly StoredIndex[];
}

export interface Layout {
  /** Moves when a process adds something. */
  readonly generation: number;
  readonly collections: ReadonlyMap<string, StoredCollection>;
}

export function readGeneration(connection: Connection): number {
  return Number(connection.get('SELECT layout FROM state')?.layout);
}

/** Every index of the database, also those that only a newer version of this program knows. */
export function readLayout(connection: Connection): Layout {
  const collections = new Map<string, StoredCollection>();
  for (const row of connection.all('SELECT id, name FROM collections')) {
    const id = Number(row.id);
    collections.set(String(row.name), { id, indexes: readIndexes(connection, id) });
  }
  return { generation: readGeneration(connection), collections };
}

/**
 * Adds what is declared and not there yet. In a transaction.
 *
 * @throws PortcullisError STORE_SCHEMA when documents that are there break a new unique index
 */
export function extendLayout(connection: Connection, declared: Collections): void {
  for (const [name, indexes] of declared) {
    const id = addCollection(connection, name);
    const known = readIndexes(connection, id).map(define);
    for (const index of indexes) {
      if (!known.includes(define(index))) addIndex(connection, name, id, index);
    }
  }
}

/** Whether all that is declared is there. */
export function isComplete(layout: Layout, declared: Collections): boolean {
  return [...declared].every(([name, indexes]) => {
    const known = layout.collections.get(name)?.indexes.map(define);
    return known !== undefined && indexes.every((index) => known.includes(define(index)));
  });
}

/** Of a collection that is declared and that nobody has made yet. */
export function missing(connection: Connection, collection: string): PortcullisError {
  return new PortcullisError(
    'STORE_UNAVAILABLE',
    `Cannot use the store ${connection.file}: it has no ${collection} yet, which the next process makes that may write`,
  );
}

function addCollection(connection: Connection, name: string): number {
  const known = connection.get('SELECT id FROM collections WHERE name = ?', name);
  if (known !== undefined) return Number(known.id);
  advance(connection);
  return connection.run('INSERT INTO collections (name, revision) VALUES (?, 0)', name);
}

function addIndex(
  connection: Connection,
  name: string,
  collection: number,
  definition: CollectionIndex,
): void {
  const sql = 'INSERT INTO indexes (collection, definition) VALUES (?, ?)';
  const index = { ...definition, id: connection.run(sql, collection, define(definition)) };
  const documents = 'SELECT row, id, body FROM documents WHERE collection = ?';
  for (const { row, id, body } of connection.all(documents, collection)) {
    const document = { ...decodeDocument(String(body)), _id: String(id) };
    if (findDuplicate(connection, [index], document) !== undefined) {
      throw new PortcullisError(
        'STORE_SCHEMA',
        `Cannot use the store ${connection.file}: several documents of ${name} have the same ${index.name}, which has to be unique`,
      );
    }
    addEntry(connection, index, document, Number(row));
  }
  advance(connection);
}

function advance(connection: Connection): void {
  connection.run('UPDATE state SET layout = layout + 1');
}

function readIndexes(connection: Connection, collection: number): readonly StoredIndex[] {
  return connection
    .all('SELECT id, definition FROM indexes WHERE collection = ? ORDER BY id', collection)
    .map(({ id, definition }) => ({ ...JSON.parse(String(definition)), id: Number(id) }));
}

function define({ name, fields, unique, multikey }: CollectionIndex): string {
  return JSON.stringify({ name, fields, unique, multikey });
}
