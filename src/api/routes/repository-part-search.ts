/** Importers and distributors of all repositories, by criteria. */

import type { z } from 'zod';
import type { Repository } from '../../repositories/documents.ts';
import { Repositories } from '../../repositories/repositories.ts';
import type { Document } from '../../stores/document.ts';
import { compileFilter } from '../../stores/evaluate.ts';
import { everything } from '../../stores/filter.ts';
import { documentOrder } from '../../stores/order.ts';
import type { Query } from '../../stores/store.ts';
import type { Searchable } from '../criteria.ts';
import type { JsonObject } from '../outcome.ts';
import type { ApiParts } from '../parts.ts';
import {
  distributorSchema,
  importerSchema,
  showDistributor,
  showImporter,
} from '../repositories/show-repository.ts';
import type { Route, RoutePath } from '../route.ts';
import { searchRoutes } from '../search-routes.ts';

interface PartSearch {
  readonly path: RoutePath;
  readonly what: string;
  readonly schema: z.ZodObject;
  /** Another name of the id. */
  readonly idName: string;
  readonly field: 'importer' | 'distributors';
  readonly partsOf: (repository: Repository) => readonly JsonObject[];
}

const searches: readonly PartSearch[] = [
  {
    path: '/v2/importers/search/',
    what: 'Importers',
    schema: importerSchema,
    idName: 'importer_id',
    field: 'importer',
    partsOf: ({ _id, importer }) => (importer === null ? [] : [showImporter(_id, importer)]),
  },
  {
    path: '/v2/distributors/search/',
    what: 'Distributors',
    schema: distributorSchema,
    idName: 'distributor_id',
    field: 'distributors',
    partsOf: ({ _id, distributors }) => distributors.map((each) => showDistributor(_id, each)),
  },
];

export function createPartSearchRoutes({ store, now }: Pick<ApiParts, 'store' | 'now'>): Route[] {
  const repositories = new Repositories(store, now);
  return searches.flatMap(({ path, what, schema, idName, field, partsOf }) =>
    searchRoutes(path, `${what} of all repositories that the criteria mean`, {
      searchable: searchableOf(schema, idName),
      result: schema,
      find: async (query) => {
        const all = await repositories.find({ filter: everything, fields: [field] });
        return select(all.flatMap(partsOf), query);
      },
    }),
  );
}

/** By what is shown: a secret is hidden, and cannot be found out letter by letter. */
function searchableOf(schema: z.ZodObject, idName: string): Searchable {
  const names = Object.keys(schema.shape).filter((name) => name !== '_id');
  const fields = names.map((name): [string, string] => [name, name]);
  return {
    fields: new Map([...fields, [idName, 'id']]),
    always: ['_id', 'id', 'repo_id', '_href'],
  };
}

/** As a store would: they are parts of documents, which no store searches by themselves. */
function select(
  all: readonly JsonObject[],
  { filter, sort = [], skip = 0, limit = all.length }: Query,
): readonly JsonObject[] {
  const isMeant = compileFilter(filter);
  const order = documentOrder(
    sort.map(([path, direction]) => ({ names: path.split('.'), direction })),
  );
  const found = all.filter((each) => isMeant(each as Document));
  const sorted =
    sort.length === 0 ? found : found.toSorted((a, b) => order(a as Document, b as Document));
  return sorted.slice(skip, skip + limit);
}
