/** The entries of a document, with its `_id`, in the indexes of its collection. */

import type { CollectionIndex } from '../collection.ts';
import type { Document, Scalar } from '../document.ts';
import { valueAt, valuesAt } from '../path.ts';
import type { Connection } from './connection.ts';
import { encodeKey, isScalar, rangeOfPrefix } from './keys.ts';

interface Index extends CollectionIndex {
  readonly id: number;
}

export function addEntries(
  connection: Connection,
  indexes: readonly Index[],
  document: Document,
  row: number,
): void {
  for (const index of indexes) addEntry(connection, index, document, row);
}

export function addEntry(
  connection: Connection,
  index: Index,
  document: Document,
  row: number,
): void {
  for (const key of keysOf(index, document)) {
    connection.run('INSERT INTO entries (index_id, key, row) VALUES (?, ?, ?)', index.id, key, row);
  }
}

export function removeEntries(
  connection: Connection,
  indexes: readonly Index[],
  document: Document,
  row: number,
): void {
  const sql = 'DELETE FROM entries WHERE index_id = ? AND key = ? AND row = ?';
  for (const index of indexes) {
    for (const key of keysOf(index, document)) connection.run(sql, index.id, key, row);
  }
}

/** Moves only the entries that differ: most changes touch no indexed field. */
export function replaceEntries(
  connection: Connection,
  indexes: readonly Index[],
  before: Document,
  after: Document,
  row: number,
): void {
  const moved = indexes.filter(
    (index) => describeKeys(index, before) !== describeKeys(index, after),
  );
  removeEntries(connection, moved, before, row);
  addEntries(connection, moved, after, row);
}

/**
 * The unique index in which another document has the values of `document`.
 *
 * @param own the row of the document itself, where it has one
 */
export function findDuplicate<Known extends Index>(
  connection: Connection,
  indexes: readonly Known[],
  document: Document,
  own = 0,
): Known | undefined {
  const sql =
    'SELECT 1 FROM entries WHERE index_id = ? AND key >= ? AND key < ? AND row <> ? LIMIT 1';
  return indexes
    .filter((index) => index.unique)
    .find((index) => {
      const { from, until } = rangeOfPrefix(singleValues(index, document));
      return connection.get(sql, index.id, from, until, own) !== undefined;
    });
}

function keysOf(index: Index, document: Document): readonly Buffer[] {
  const singles = singleValues(index, document);
  if (!index.multikey) return [encodeKey(singles)];
  const [names = []] = index.fields;
  const keys = valuesAt(document, names)
    .filter(isScalar)
    .map((value) => encodeKey([value, ...singles.slice(1)]));
  return [...new Map(keys.map((key) => [key.toString('latin1'), key])).values()];
}

function singleValues(index: Index, document: Document): readonly Scalar[] {
  return index.fields.map((names) => {
    const value = valueAt(document, names) ?? null;
    // An index that a newer version declared may not fit what this one writes: it is as if missing.
    return isScalar(value) ? value : null;
  });
}

function describeKeys(index: Index, document: Document): string {
  return keysOf(index, document)
    .map((key) => key.toString('latin1'))
    .join('\n');
}
