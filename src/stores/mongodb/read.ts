/** Queries, by the server as far as it may and can; the rest is decided here. */

import type { Collection, Filter as MongoFilter } from 'mongodb';
import type { StoredDocument } from '../document.ts';
import { compileFilter } from '../evaluate.ts';
import { type Filter, hasOperator, type Operators, withoutOperators } from '../filter.ts';
import type { StoreLimits } from '../limits.ts';
import type { SortField } from '../order.ts';
import type { ReadQuery } from '../query.ts';
import { renderFilter } from '../render.ts';
import { Results } from '../results.ts';
import { mongodbLimits } from './client.ts';
import { fromRecord, type MongoRecord, recordBytes } from './record.ts';

const maxTimeMS = mongodbLimits.commandMillisecondsMax;

export interface Source {
  readonly records: Collection<MongoRecord>;
  /** The operators that are not left to the server. */
  readonly ours: Operators;
}

export async function findRecords(
  { records, ours }: Source,
  query: ReadQuery,
  limits: StoreLimits,
): Promise<readonly StoredDocument[]> {
  const isExact = !hasOperator(query.filter, ours);
  const isMeant = isExact ? () => true : compileFilter(query.filter);
  // What the server has left out and cut off already is not left out and cut off again.
  const rest = isExact ? { ...query, skip: 0, limit: undefined } : query;
  const results = new Results(rest, true, limits);
  const cursor = records.find(toServer(query.filter, ours), {
    sort: renderSort(query.sort),
    maxTimeMS,
    ...(isExact ? { skip: query.skip, limit: query.limit ?? 0 } : {}),
    ...(isExact && query.fields !== undefined ? { projection: renderFields(query.fields) } : {}),
  });
  try {
    for await (const record of cursor) {
      const document = fromRecord(record);
      if (isMeant(document)) results.add(document, recordBytes(record));
      if (results.isComplete) break;
    }
  } finally {
    await cursor.close();
  }
  return results.finish();
}

export async function countRecords({ records, ours }: Source, filter: Filter): Promise<number> {
  if (!hasOperator(filter, ours))
    return records.countDocuments(toServer(filter, ours), { maxTimeMS });
  const isMeant = compileFilter(filter);
  let count = 0;
  for await (const record of records.find(toServer(filter, ours), { maxTimeMS })) {
    if (isMeant(fromRecord(record))) count += 1;
  }
  return count;
}

function toServer(filter: Filter, ours: Operators): MongoFilter<MongoRecord> {
  return renderFilter(withoutOperators(filter, ours), () => {
    throw new TypeError('Cannot render a filter: a regular expression is left in it');
  }) as MongoFilter<MongoRecord>;
}

/** A map keeps the order of its fields whatever their names. */
function renderSort(fields: readonly SortField[]): Map<string, 1 | -1> {
  const sort = new Map(fields.map(({ names, direction }) => [names.join('.'), direction]));
  return sort.has('_id') ? sort : sort.set('_id', 1);
}

/** Whole fields, of which the parts are picked here by the same code for every store. */
function renderFields(fields: readonly (readonly string[])[]): Record<string, 1> {
  return Object.fromEntries([...fields.map(([name = '_id']) => [name, 1]), ['_version', 1]]);
}
