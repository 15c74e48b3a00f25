/** Units, of whatever repositories: listed, searched, shown; and what users note of them. */

import { z } from 'zod';
import { unitFieldsPath, unitPaths } from '../../repositories/association-criteria.ts';
import { type Unit, unitsCollection } from '../../repositories/documents.ts';
import { unitType } from '../../repository-types/all-types.ts';
import type { Filter } from '../../stores/filter.ts';
import { where } from '../../stores/parse-filter.ts';
import type { Store } from '../../stores/store.ts';
import type { Searchable } from '../criteria.ts';
import { invalidValue, missingResource } from '../failures.ts';
import { type Failure, ok } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import { rightsToRepositories } from '../repositories/rights.ts';
import { toJson } from '../repositories/secrets.ts';
import { type Route, route } from '../route.ts';
import { searchRoutes } from '../search-routes.ts';
import { storableObject } from '../storable-object.ts';
import { showUnit, unitNamesAlways, unitSchema } from '../units/show-unit.ts';

/** Everything that is known of a unit is shown, and so all of it can be searched. */
const searchable: Searchable = {
  fields: unitPaths,
  others: unitFieldsPath,
  always: [...unitNamesAlways, 'repository_memberships'],
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
  const summary =
    'Units of a type that the criteria mean; on request with the repositories that have them and the caller may READ';
  return searchRoutes('/v2/content/units/{type}/search/', summary, {
    searchable,
    result: unitSchema,
    flags: ['include_repos'],
    refusals: [404],
    find: async (query, flags, { params: { type = '' }, caller }) => {
      if (unitType(type) === undefined) return missingType(type);
      const filter: Filter = { kind: 'and', parts: [where({ type }), query.filter] };
      const found = (await store.find(unitsCollection, { ...query, filter })) as readonly Unit[];
      if (!flags.has('include_repos')) return found.map(showUnit);
      const isShown = await rightsToRepositories(caller, people, 'READ');
      return found.map((unit) => ({
        ...showUnit(unit),
        repository_memberships: unit.repositories.filter(isShown),
      }));
    },
  });
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
