/** The two routes of every search: criteria by POST, and the same by GET. */

import { z } from 'zod';
import type { Query } from '../stores/store.ts';
import type { Caller } from './caller.ts';
import { queryBoolean } from './check-input.ts';
import {
  criteriaOfQuery,
  pick,
  readCriteria,
  type Searchable,
  searchBody,
  searchQuery,
} from './criteria.ts';
import { Failure, type JsonObject, type Outcome, ok } from './outcome.ts';
import { one, type Refusal, type Route, type RoutePath, route } from './route.ts';

export interface SearchParts {
  readonly searchable: Searchable;
  /** The schema of a result that has all of its fields. */
  readonly result: z.ZodObject;
  /** Flags that may be given besides the criteria: in a query, and beside them in a body. */
  readonly flags?: readonly string[];
  readonly refusals?: readonly Refusal[];
  /** @param flags those that are set */
  readonly find: (
    query: Query,
    flags: ReadonlySet<string>,
    call: SearchCall,
  ) => Promise<readonly JsonObject[] | Failure>;
}

interface SearchCall {
  readonly params: Readonly<Record<string, string>>;
  readonly caller: Caller;
}

const flagOfBody = z.boolean().nullish();

/** A search changes nothing, so that READ is enough for the POST. */
export function searchRoutes(path: RoutePath, summary: string, parts: SearchParts): Route[] {
  // With `fields`, a result has fewer.
  const answer = { status: 200, schema: z.array(parts.result.partial()) } as const;
  const { flags = [], refusals = [] } = parts;
  // Their names are not known to the types, and the criteria keep theirs.
  const bodyFlags: Record<never, never> = Object.fromEntries(
    flags.map((name) => [name, flagOfBody]),
  );
  const queryFlags = Object.fromEntries(flags.map((name) => [name, one(queryBoolean)]));
  const search = async (
    raw: Readonly<Record<string, unknown>>,
    given: Readonly<Record<string, unknown>>,
    call: SearchCall,
  ): Promise<Outcome> => {
    const criteria = readCriteria(raw, parts.searchable);
    if (criteria instanceof Failure) return criteria;
    const set = new Set(flags.filter((name) => given[name] === true));
    const found = await parts.find(criteria.query, set, call);
    if (found instanceof Failure) return found;
    return ok(found.map((result) => pick(result, criteria.fields)));
  };
  return [
    route({
      method: 'POST',
      path,
      operation: 'READ',
      summary,
      body: searchBody.extend(bodyFlags),
      answer,
      refusals,
      handle: ({ body, ...call }) => search(body.criteria, body, call),
    }),
    route({
      method: 'GET',
      path,
      operation: 'READ',
      summary,
      query: { ...queryFlags, ...searchQuery },
      answer,
      refusals,
      handle: async ({ query, ...call }) => {
        const raw = criteriaOfQuery(query);
        return raw instanceof Failure ? raw : search(raw, query, call);
      },
    }),
  ];
}
