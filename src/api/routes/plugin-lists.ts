/** Which types of units, importers and distributors there are. */

import { z } from 'zod';
import { repositoryTypes } from '../../repository-types/all-types.ts';
import type { UnitType } from '../../repository-types/repository-type.ts';
import { objectId, objectIdSchema } from '../criteria.ts';
import { missingResource } from '../failures.ts';
import { type JsonObject, ok } from '../outcome.ts';
import { hrefOf, type Route, type RoutePath, route } from '../route.ts';

const typePath = '/v2/plugins/types/{type}/';

const pluginSchema = z.strictObject({
  id: z.string(),
  display_name: z.string(),
  types: z.array(z.string()),
  _href: z.string(),
});

const typeSchema = z.strictObject({
  _id: objectIdSchema,
  id: z.string(),
  display_name: z.string(),
  description: z.string(),
  unit_key: z.array(z.string()),
  search_indexes: z.array(z.string()),
  referenced_types: z.array(z.string()),
  _ns: z.literal('content_types'),
  _href: z.string(),
});

export function createPluginListRoutes(): Route[] {
  return [
    ...listRoutes({
      path: '/v2/plugins/types/',
      onePath: typePath,
      what: 'types of units',
      resource: 'content_type_id',
      schema: typeSchema,
      all: repositoryTypes.flatMap(({ unitTypes }) => unitTypes).map(showType),
    }),
    ...listRoutes({
      path: '/v2/plugins/importers/',
      onePath: '/v2/plugins/importers/{importer}/',
      what: 'types of importers',
      resource: 'importer_type_id',
      schema: pluginSchema,
      all: repositoryTypes
        .flatMap(({ importers }) => importers)
        .map((type) => showPlugin('importers', type)),
    }),
    ...listRoutes({
      path: '/v2/plugins/distributors/',
      onePath: '/v2/plugins/distributors/{distributor}/',
      what: 'types of distributors',
      resource: 'distributor_type_id',
      schema: pluginSchema,
      all: repositoryTypes
        .flatMap(({ distributors }) => distributors)
        .map((type) => showPlugin('distributors', type)),
    }),
  ];
}

interface PluginList {
  readonly path: RoutePath;
  readonly onePath: RoutePath;
  readonly what: string;
  /** As a missing one is called. */
  readonly resource: string;
  readonly schema: z.ZodType;
  readonly all: readonly (JsonObject & { readonly id: string })[];
}

function listRoutes({ path, onePath, what, resource, schema, all }: PluginList): Route[] {
  return [
    route({
      method: 'GET',
      path,
      operation: 'READ',
      summary: `All ${what}`,
      answer: { status: 200, schema: z.array(schema) },
      handle: async () => ok(all),
    }),
    route({
      method: 'GET',
      path: onePath,
      operation: 'READ',
      summary: `One of the ${what}`,
      answer: { status: 200, schema },
      refusals: [404],
      handle: async ({ params }) => {
        const [id = ''] = Object.values<string>(params);
        const found = all.find((one) => one.id === id);
        return found === undefined ? missingResource({ [resource]: id }) : ok(found);
      },
    }),
  ];
}

function showType(type: UnitType) {
  return {
    _id: objectId(type.id),
    id: type.id,
    display_name: type.displayName,
    description: type.description,
    unit_key: type.unitKey,
    search_indexes: type.searchIndexes,
    referenced_types: type.referencedTypes,
    _ns: 'content_types',
    _href: hrefOf(typePath, { type: type.id }),
  };
}

function showPlugin(
  kind: 'importers' | 'distributors',
  type: {
    readonly id: string;
    readonly displayName: string;
    readonly unitTypes: readonly string[];
  },
) {
  return {
    id: type.id,
    display_name: type.displayName,
    types: type.unitTypes,
    _href: hrefOf(`/v2/plugins/${kind}/{id}/`, { id: type.id }),
  };
}
