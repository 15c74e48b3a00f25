/** Units, of whatever repositories: listed, searched, shown; and what users note of them. */

import { z } from 'zod';
import { unitFieldsPath, unitPaths } from '../../repositories/association-criteria.ts';
import { type Unit, unitsCollection } from '../../repositories/documents.ts';
import { unitType } from '../../repository-types/all-types.ts';
import { where } from '../../stores/parse-filter.ts';
import type { Query, Store } from '../../stores/store.ts';
import type { Caller } from '../caller.ts';
import { queryBoolean } from '../check-input.ts';
import {
  criteriaOfQuery,
  pick,
  readCriteria,
  type Searchable,
  searchBody,
  searchQuery,
} from '../criteria.ts';
import { invalidValue, missingResource } from '../failures.ts';
import { Failure, type Outcome, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { rightsToRepositories } from '../repositories/rights.ts';
import { toJson } from '../repositories/secrets.ts';
import { one, type Route, route } from '../route.ts';
import { storableObject } from '../storable-object.ts';
import { showUnit, unitNamesAlways, unitSchema } from '../units/show-unit.ts';

/** Everything that is known of a unit is shown, and so all of it can be searched. */
const searchable: Searchable = {
  fields: unitPaths,
  others: unitFieldsPath,
  always: unitNamesAlways,
};

type UnitParts = Pick<ApiParts, 'store' | 'people'>;

export function createUnitRoutes(parts: UnitParts): Route[] {
  const { store } = parts;
  return [listRoute(store), ...createSearchRoutes(parts), ...createOneUnitRoutes(store)];
}

function listRoute(store: Store): Route {
  return route({
    method: 'GET',
    path: '/v2/content/units/{type}/',
    operation: 'READ',
    summary: 'All units of a type',
    answer: { status: 200, schema: z.array(unitSchema) },
    refusals: [404],
    handle: async ({ params: { type } }) => {
      if (unitType(type) === undefined) return missingType(type);
      const found = await store.find(unitsCollection, { filter: where({ type }) });
      return ok((found as readonly Unit[]).map(showUnit));
    },
  });
}

function createSearchRoutes({ store, people }: UnitParts): Route[] {
  const path = '/v2/content/units/{type}/search/';
  const summary =
    'Units of a type that the criteria mean; on request with the repositories that have them and the caller may READ';
  // With `fields`, a result has fewer.
  const answer = { status: 200, schema: z.array(unitSchema.partial()) } as const;
  const shownTo = (caller: Caller, isAsked: boolean | null | undefined) =>
    isAsked ? rightsToRepositories(caller, people, 'READ') : undefined;
  return [
    route({
      ...{ method: 'POST', path, operation: 'READ', summary, answer, refusals: [404] },
      body: searchBody.extend({ include_repos: z.boolean().nullish() }),
      handle: async ({ params, body, caller }) =>
        search(store, params.type, body.criteria, await shownTo(caller, body.include_repos)),
    }),
    route({
      ...{ method: 'GET', path, operation: 'READ', summary, answer, refusals: [404] },
      query: { ...searchQuery, include_repos: one(queryBoolean) },
      handle: async ({ params, query, caller }) => {
        const raw = criteriaOfQuery(query);
        if (raw instanceof Failure) return raw;
        return search(store, params.type, raw, await shownTo(caller, query.include_repos));
      },
    }),
  ];
}

/** @param isShown of which repositories it is told that they have a unit; undefined: of none */
async function search(
  store: Store,
  type: string,
  raw: Readonly<Record<string, unknown>>,
  isShown: ((repository: string) => boolean) | undefined,
): Promise<Outcome> {
  const criteria = readCriteria(raw, searchable);
  if (criteria instanceof Failure) return criteria;
  if (unitType(type) === undefined) return missingType(type);
  const ofType = where({ type });
  const query: Query = {
    ...criteria.query,
    filter: { kind: 'and', parts: [ofType, criteria.query.filter] },
  };
  const found = (await store.find(unitsCollection, query)) as readonly Unit[];
  return ok(
    found.map((unit) => ({
      ...pick(showUnit(unit), criteria.fields),
      ...(isShown && { repository_memberships: unit.repositories.filter(isShown) }),
    })),
  );
}

function createOneUnitRoutes(store: Store): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v2/content/units/{type}/{unit}/',
      operation: 'READ',
      summary: 'One unit',
      answer: { status: 200, schema: unitSchema },
      refusals: [404],
      handle: async ({ params }) => {
        const unit = await unitOf(store, params);
        return unit === undefined ? missingUnit(params) : ok(showUnit(unit));
      },
    }),
    route({
      method: 'GET',
      path: '/v2/content/units/{type}/{unit}/pulp_user_metadata/',
      operation: 'READ',
      summary: 'What users noted of a unit',
      answer: { status: 200, schema: z.record(z.string(), z.unknown()) },
      refusals: [404],
      handle: async ({ params }) => {
        const unit = await unitOf(store, params);
        return unit === undefined ? missingUnit(params) : ok(toJson(unit.user_metadata));
      },
    }),
    route({
      method: 'PUT',
      path: '/v2/content/units/{type}/{unit}/pulp_user_metadata/',
      operation: 'UPDATE',
      summary: 'Notes something of a unit, in place of all that was noted',
      body: z.looseObject({}),
      answer: { status: 200, schema: z.null() },
      refusals: [404],
      handle: async ({ params, body }) => {
        const noted = storableObject.safeParse(body);
        if (!noted.success) {
          const [issue] = noted.error.issues;
          return invalidValue('pulp_user_metadata', issue?.message ?? 'it cannot be kept');
        }
        const unit = await unitOf(store, params);
        if (unit === undefined) return missingUnit(params);
        const change = { $set: { user_metadata: noted.data } };
        const result = await store.update(unitsCollection, unit._id, change);
        return result.outcome === 'missing' ? missingUnit(params) : ok(null);
      },
    }),
  ];
}

interface UnitParams {
  readonly type: string;
  readonly unit: string;
}

async function unitOf(store: Store, { type, unit }: UnitParams): Promise<Unit | undefined> {
  const found = (await store.get(unitsCollection, unit)) as Unit | undefined;
  return found?.type === type ? found : undefined;
}

function missingUnit({ type, unit }: UnitParams): Failure {
  return missingResource({ content_type_id: type, unit_id: unit });
}

export function missingType(type: string): Failure {
  return missingResource({ content_type_id: type });
}
