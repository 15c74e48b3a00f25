/** The two routes of every search: criteria by POST, and the same by GET. */

import { z } from 'zod';
import type { Query } from '../stores/store.ts';
import {
  criteriaOfQuery,
  pick,
  readCriteria,
  type Searchable,
  searchBody,
  searchQuery,
} from './criteria.ts';
import { Failure, type JsonObject, type Outcome, ok } from './outcome.ts';
import { type Route, type RoutePath, route } from './route.ts';

export interface SearchParts {
  readonly searchable: Searchable;
  /** The schema of a result that has all of its fields. */
  readonly result: z.ZodObject;
  readonly find: (query: Query) => Promise<readonly JsonObject[]>;
}

/** A search changes nothing, so that READ is enough for the POST. */
export function searchRoutes(path: RoutePath, summary: string, parts: SearchParts): Route[] {
  // With `fields`, a result has fewer.
  const answer = { status: 200, schema: z.array(parts.result.partial()) } as const;
  const search = async (raw: Readonly<Record<string, unknown>>): Promise<Outcome> => {
    const criteria = readCriteria(raw, parts.searchable);
    if (criteria instanceof Failure) return criteria;
    const found = await parts.find(criteria.query);
    return ok(found.map((result) => pick(result, criteria.fields)));
  };
  return [
    route({
      method: 'POST',
      path,
      operation: 'READ',
      summary,
      body: searchBody,
      answer,
      handle: ({ body }) => search(body.criteria),
    }),
    route({
      method: 'GET',
      path,
      operation: 'READ',
      summary,
      query: searchQuery,
      answer,
      handle: async ({ query }) => {
        const raw = criteriaOfQuery(query);
        return raw instanceof Failure ? raw : search(raw);
      },
    }),
  ];
}
