/** Changes of one document each. Called inside a transaction, all of them. */

import { applyChange, type Change } from '../change.ts';
import { type CollectionIndex, checkIndexed } from '../collection.ts';
import { type Document, newId, type StoredDocument } from '../document.ts';
import type { StoreLimits } from '../limits.ts';
import type { Duplicate, InsertResult, RemoveResult, UpdateResult } from '../store.ts';
import { encodeDocument } from './codec.ts';
import type { Connection } from './connection.ts';
import { addEntries, findDuplicate, removeEntries, replaceEntries } from './entries.ts';
import type { StoredCollection } from './layout.ts';
import { readRow } from './scan.ts';

/** Which collection a write is of: as the database has it, and as this process declares it. */
export interface Target {
  readonly stored: StoredCollection;
  readonly declared: readonly CollectionIndex[];
  readonly limits: StoreLimits;
}

const selectSql = 'SELECT row, id, version, body FROM documents WHERE collection = ? AND id = ?';

/** @param document checked already */
export function insertDocument(
  connection: Connection,
  { stored }: Target,
  document: Document,
): InsertResult {
  const { _id = newId(), ...fields } = document;
  const id = String(_id);
  if (connection.get(selectSql, stored.id, id) !== undefined) return duplicateOf([['_id']]);
  const duplicate = findDuplicate(connection, stored.indexes, fields);
  if (duplicate !== undefined) return duplicateOf(duplicate.fields);
  const sql = 'INSERT INTO documents (collection, id, version, body) VALUES (?, ?, 1, ?)';
  const row = connection.run(sql, stored.id, id, encodeDocument(fields));
  const inserted = { ...fields, _id: id, _version: 1 } as StoredDocument;
  addEntries(connection, stored.indexes, inserted, row);
  advanceRevision(connection, stored);
  return { outcome: 'inserted', document: inserted };
}

export function updateDocument(
  connection: Connection,
  { stored, declared, limits }: Target,
  id: string,
  change: Change,
  expected?: number,
): UpdateResult {
  const found = connection.get(selectSql, stored.id, id);
  if (found === undefined) return { outcome: 'missing' };
  const { _id, _version, ...before } = readRow(found);
  if (expected !== undefined && expected !== _version) return { outcome: 'conflict' };
  const after = applyChange(before, change, limits);
  if (after === undefined) return { outcome: 'left' };
  checkIndexed(after, declared, limits);
  const row = Number(found.row);
  const duplicate = findDuplicate(connection, stored.indexes, after, row);
  if (duplicate !== undefined) return duplicateOf(duplicate.fields);
  const sql = 'UPDATE documents SET version = version + 1, body = ? WHERE row = ?';
  connection.run(sql, encodeDocument(after), row);
  const document = { ...after, _id, _version: _version + 1 } as StoredDocument;
  replaceEntries(connection, stored.indexes, { ...before, _id }, document, row);
  advanceRevision(connection, stored);
  return { outcome: 'updated', document };
}

export function removeDocument(
  connection: Connection,
  { stored }: Target,
  id: string,
  expected?: number,
): RemoveResult {
  const found = connection.get(selectSql, stored.id, id);
  if (found === undefined) return 'missing';
  const document = readRow(found);
  if (expected !== undefined && expected !== document._version) return 'conflict';
  const row = Number(found.row);
  removeEntries(connection, stored.indexes, document, row);
  connection.run('DELETE FROM documents WHERE row = ?', row);
  advanceRevision(connection, stored);
  return 'removed';
}

/** In the transaction of the change itself: nobody can see one without the other. */
function advanceRevision(connection: Connection, { id }: StoredCollection): void {
  connection.run('UPDATE state SET revision = revision + 1');
  connection.run('UPDATE collections SET revision = (SELECT revision FROM state) WHERE id = ?', id);
}

function duplicateOf(fields: readonly (readonly string[])[]): Duplicate {
  return { outcome: 'duplicate', fields: fields.map((names) => names.join('.')) };
}
