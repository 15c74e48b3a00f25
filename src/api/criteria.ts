/** Search criteria: MongoDB's filters and the rest, by POST as JSON and by GET as a query. */

import { z } from 'zod';
import { parseFilter } from '../stores/parse-filter.ts';
import { renameFields } from '../stores/rename-fields.ts';
import type { Query } from '../stores/store.ts';
import { bodyLimits, parseJson } from './body.ts';
import { checkValue } from './check-input.ts';
import { invalidValue, invalidValues } from './failures.ts';
import { Failure, type Json, type JsonObject } from './outcome.ts';
import { many, one } from './route.ts';
import { boundedProblems, type ValueProblem } from './value-problem.ts';

const direction = z.union(
  [z.enum(['ascending', 'descending']), z.union([z.literal(1), z.literal(-1)])],
  'it should be "ascending" or "descending"',
);

/** `null` stands for what is not given: pulp-admin sends every option. */
export const criteriaSchema = z.strictObject({
  filters: z.record(z.string(), z.unknown()).nullish(),
  sort: z.array(z.tuple([z.string(), direction])).nullish(),
  limit: z.int().min(1).nullish(),
  skip: z.int().min(0).nullish(),
  fields: z.array(z.string()).nullish(),
});

export type Criteria = z.output<typeof criteriaSchema>;

/** The body of `…/search/`. What stands beside the criteria are options of other resources. */
export const searchBody = z.object({
  // Checked by `readCriteria`: an unknown key is a wrong value here, and nowhere else.
  criteria: z.record(z.string(), z.unknown()),
});

export const searchQuery = {
  filters: one(z.string()),
  sort: one(z.string()),
  limit: one(z.string()),
  skip: one(z.string()),
  field: many(z.string()),
} as const;

/** What can be searched: which fields there are, and where the store has them. */
export interface Searchable {
  /** Names of fields, without what is below them, to paths in the store's documents. */
  readonly fields: ReadonlyMap<string, string>;
  /** The object in the store's documents that has all other fields; without it there are no others. */
  readonly others?: string;
  /** The names that every result has, whatever is asked for. */
  readonly always: readonly string[];
}

export interface Search {
  readonly query: Query;
  /** The fields that the results shall have; undefined for all. */
  readonly fields: ReadonlySet<string> | undefined;
}

/** What a GET gives, as the object that a POST would have had. */
export function criteriaOfQuery(query: {
  readonly filters: string | undefined;
  readonly sort: string | undefined;
  readonly limit: string | undefined;
  readonly skip: string | undefined;
  readonly field: readonly string[];
}): Readonly<Record<string, unknown>> | Failure {
  const filters = jsonOf('filters', query.filters);
  if (filters instanceof Failure) return filters;
  const sort = jsonOf('sort', query.sort);
  if (sort instanceof Failure) return sort;
  return {
    filters,
    sort,
    limit: numberOf(query.limit),
    skip: numberOf(query.skip),
    fields: query.field.length === 0 ? undefined : query.field,
  };
}

/** @throws PortcullisError FILTER_INVALID */
export function readCriteria(
  raw: Readonly<Record<string, unknown>>,
  searchable: Searchable,
): Search | Failure {
  const unknown = Object.keys(raw).filter((name) => !Object.hasOwn(criteriaSchema.shape, name));
  if (unknown.length > 0) return invalidValues(unknownCriteria(unknown));
  const criteria = checkValue(criteriaSchema, raw);
  if (criteria instanceof Failure) return criteria;
  const { filters, sort, limit, skip, fields } = criteria;
  const names = new Names(searchable);
  const renamed = renameFields(filters ?? {}, (path) => names.path(path));
  const order = (sort ?? []).map(
    ([path, way]) => [names.path(path), way === 1 || way === 'ascending' ? 1 : -1] as const,
  );
  if (names.unknown.length > 0) {
    const problem = `it cannot be searched; what can is ${[...searchable.fields.keys()].join(', ')}`;
    return invalidValues(boundedProblems(names.unknown.map((property) => ({ property, problem }))));
  }
  const query = {
    filter: parseFilter(renamed),
    ...(order.length > 0 && { sort: order }),
    ...(skip != null && { skip }),
    ...(limit != null && { limit }),
  };
  const wanted = fields && new Set([...searchable.always, ...fields.map(rootOf)]);
  return { query, fields: wanted ?? undefined };
}

function unknownCriteria(names: readonly string[]): readonly ValueProblem[] {
  const problem = `there is no such criterion; there are ${Object.keys(criteriaSchema.shape).join(', ')}`;
  return boundedProblems(names.map((property) => ({ property, problem })));
}

/** One result with the fields that were asked for. */
export function pick(object: JsonObject, fields: Search['fields']): JsonObject {
  if (fields === undefined) return object;
  return Object.fromEntries(Object.entries(object).filter(([name]) => fields.has(name)));
}

/**
 * Turns the API's names into the store's, and finds those that there are not: a field that nobody may
 * see may not be searched either, or a password's hash could be guessed letter by letter.
 */
class Names {
  readonly #searchable: Searchable;
  readonly unknown: string[] = [];

  constructor(searchable: Searchable) {
    this.#searchable = searchable;
  }

  path(path: string): string {
    const root = rootOf(path);
    const { fields, others } = this.#searchable;
    const stored = fields.get(root) ?? (others && `${others}.${root}`);
    if (stored === undefined) {
      this.unknown.push(root);
      return path;
    }
    return stored + path.slice(root.length);
  }
}

function rootOf(path: string): string {
  return path.split('.', 1)[0] ?? '';
}

function jsonOf(name: string, text: string | undefined): unknown | Failure {
  if (text === undefined) return undefined;
  const value = parseJson(Buffer.from(text), bodyLimits.depthMax);
  return value instanceof Failure ? invalidValue(name, 'it is no JSON, or nested too deep') : value;
}

/** What is no number goes on as it is, and is refused with the other wrong values. */
function numberOf(text: string | undefined): unknown {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** An id as MongoDB's JSON writes it. */
export function objectId(id: string): Json {
  return { $oid: id };
}

export const objectIdSchema = z.strictObject({ $oid: z.string() });

/** ISO 8601 in UTC without fractions, as all dates of the API. */
export function isoDate(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

export function isoDateOrNull(date: Date | null): string | null {
  return date && isoDate(date);
}
