/** Reads the documents of a plan a batch at a time, so that nothing waits long for a large result. */

import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { StoredDocument } from '../document.ts';
import { decodeDocument } from './codec.ts';
import type { Connection, Row } from './connection.ts';
import type { Database } from './database.ts';
import type { KeyRange } from './keys.ts';
import type { StoredIndex } from './layout.ts';
import type { Plan } from './plan.ts';

/** Documents that are read before others have their turn. */
const batchDocuments = 100;

export interface Found {
  readonly document: StoredDocument;
  readonly bytes: number;
}

type Direction = 1 | -1;

/**
 * The documents that a plan leads to, each once: of a scan and of ids by `_id`, of one range by its
 * keys. `direction` turns the order.
 */
export async function* readPlan(
  database: Database,
  collection: number,
  plan: Plan,
  direction: Direction,
): AsyncGenerator<Found> {
  switch (plan.kind) {
    case 'ids':
      yield* readIds(database, collection, plan.ids);
      return;
    case 'index':
      yield* readRanges(database, plan.index, plan.ranges, direction);
      return;
    case 'scan':
      yield* readAll(database, collection, direction);
  }
}

/** For tests too: the statements whose cost has to grow with what they find, and no faster. */
export const statements = {
  byId: 'SELECT id, version, body FROM documents WHERE collection = ? AND id = ?',
  scan: {
    1: 'SELECT id, version, body FROM documents WHERE collection = ? AND id > ? ORDER BY id LIMIT ?',
    [-1]: 'SELECT id, version, body FROM documents WHERE collection = ? AND id < ? ORDER BY id DESC LIMIT ?',
  },
  range: {
    1: `SELECT e.key, e.row, d.id, d.version, d.body FROM entries e JOIN documents d ON d.row = e.row
      WHERE e.index_id = ? AND (e.key, e.row) > (?, ?) AND e.key < ? ORDER BY e.key, e.row LIMIT ?`,
    [-1]: `SELECT e.key, e.row, d.id, d.version, d.body FROM entries e JOIN documents d ON d.row = e.row
      WHERE e.index_id = ? AND (e.key, e.row) < (?, ?) AND e.key >= ?
      ORDER BY e.key DESC, e.row DESC LIMIT ?`,
  },
} as const;

async function* readIds(
  database: Database,
  collection: number,
  ids: readonly string[],
): AsyncGenerator<Found> {
  for (const some of chunks(ids.toSorted(compareBytes))) {
    const rows = await database.read((connection) =>
      some.map((id) => connection.get(statements.byId, collection, id)),
    );
    yield* rows.filter((row) => row !== undefined).map(found);
    await yieldToOthers();
  }
}

async function* readAll(
  database: Database,
  collection: number,
  direction: Direction,
): AsyncGenerator<Found> {
  // No text comes after this one: U+10FFFF begins with the highest byte that UTF-8 has.
  let last = direction === 1 ? '' : '\u{10ffff}'.repeat(200);
  for (;;) {
    const sql = statements.scan[direction];
    const rows = await database.read((connection) =>
      connection.all(sql, collection, last, batchDocuments),
    );
    yield* rows.map(found);
    if (rows.length < batchDocuments) return;
    last = String(rows.at(-1)?.id);
    await yieldToOthers();
  }
}

/** A document with several entries comes once, at the first. */
async function* readRanges(
  database: Database,
  index: StoredIndex,
  ranges: readonly KeyRange[],
  direction: Direction,
): AsyncGenerator<Found> {
  const seen = new Set<number>();
  for (const range of ranges) {
    let next: Cursor | undefined = start(range, direction);
    while (next !== undefined) {
      const cursor: Cursor = next;
      const rows: readonly Row[] = await database.read((connection) =>
        readBatch(connection, index, range, cursor, direction),
      );
      for (const row of rows) {
        if (seen.has(Number(row.row))) continue;
        seen.add(Number(row.row));
        yield found(row);
      }
      next = rows.length < batchDocuments ? undefined : cursorAt(rows.at(-1));
      await yieldToOthers();
    }
  }
}

interface Cursor {
  readonly key: Uint8Array;
  readonly row: number;
}

function start({ from, until }: KeyRange, direction: Direction): Cursor {
  return { key: direction === 1 ? from : until, row: -1 };
}

function cursorAt(row: Row | undefined): Cursor | undefined {
  return row?.key instanceof Uint8Array ? { key: row.key, row: Number(row.row) } : undefined;
}

function readBatch(
  connection: Connection,
  index: StoredIndex,
  range: KeyRange,
  { key, row }: Cursor,
  direction: Direction,
): readonly Row[] {
  const end = direction === 1 ? range.until : range.from;
  return connection.all(statements.range[direction], index.id, key, row, end, batchDocuments);
}

function found(row: Row): Found {
  const body = String(row.body);
  return { document: readRow(row), bytes: body.length };
}

export function readRow(row: Row): StoredDocument {
  const fields = decodeDocument(String(row.body));
  return { ...fields, _id: String(row.id), _version: Number(row.version) } as StoredDocument;
}

function chunks(ids: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(ids.length / batchDocuments);
  return Array.from({ length: count }, (_, index) =>
    ids.slice(index * batchDocuments, (index + 1) * batchDocuments),
  );
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
