/** Queries: an index narrows, the evaluator decides, and the limits hold. */

import type { StoredDocument } from '../document.ts';
import { compileFilter } from '../evaluate.ts';
import { type Filter, isEverything } from '../filter.ts';
import type { StoreLimits } from '../limits.ts';
import type { ReadQuery } from '../query.ts';
import { Results } from '../results.ts';
import type { Database } from './database.ts';
import type { KeyRange } from './keys.ts';
import type { StoredCollection, StoredIndex } from './layout.ts';
import { planCount, planFilter } from './plan.ts';
import { readPlan } from './scan.ts';
import { planSort } from './sort.ts';

export async function findDocuments(
  database: Database,
  { id, indexes }: StoredCollection,
  query: ReadQuery,
  limits: StoreLimits,
): Promise<readonly StoredDocument[]> {
  const isMeant = compileFilter(query.filter);
  const { plan, direction, isSorted } = planSort(planFilter(query.filter, indexes), query, indexes);
  const results = new Results(query, isSorted, limits);
  for await (const { document, bytes } of readPlan(database, id, plan, direction)) {
    if (isMeant(document)) results.add(document, bytes);
    if (results.isComplete) break;
  }
  return results.finish();
}

export async function countDocuments(
  database: Database,
  { id, indexes }: StoredCollection,
  filter: Filter,
): Promise<number> {
  if (isEverything(filter)) return countAll(database, id);
  const counted = planCount(filter, indexes);
  if (counted !== undefined) return countEntries(database, counted.index, counted.range);
  const isMeant = compileFilter(filter);
  let count = 0;
  for await (const { document } of readPlan(database, id, planFilter(filter, indexes), 1)) {
    if (isMeant(document)) count += 1;
  }
  return count;
}

async function countEntries(
  database: Database,
  { id }: StoredIndex,
  { from, until }: KeyRange,
): Promise<number> {
  const sql = 'SELECT count(*) AS count FROM entries WHERE index_id = ? AND key >= ? AND key < ?';
  const row = await database.read((connection) => connection.get(sql, id, from, until));
  return Number(row?.count);
}

async function countAll(database: Database, collection: number): Promise<number> {
  const sql = 'SELECT count(*) AS count FROM documents WHERE collection = ?';
  const row = await database.read((connection) => connection.get(sql, collection));
  return Number(row?.count);
}
