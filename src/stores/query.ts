/** A query, checked and read. */

import { PortcullisError } from '../errors.ts';
import type { Filter } from './filter.ts';
import type { StoreLimits } from './limits.ts';
import type { SortField } from './order.ts';
import { splitPath } from './path.ts';
import type { Query } from './store.ts';

export interface ReadQuery {
  readonly filter: Filter;
  readonly sort: readonly SortField[];
  readonly skip: number;
  /** Undefined for no limit of its own. */
  readonly limit: number | undefined;
  /** Undefined for everything. */
  readonly fields: readonly (readonly string[])[] | undefined;
}

/** @throws PortcullisError FILTER_INVALID */
export function readQuery(query: Query, limits: StoreLimits): ReadQuery {
  const { filter, sort = [], skip = 0, limit, fields } = query;
  if (sort.length > limits.sortFieldsMax) throw tooMany('sort by', limits.sortFieldsMax);
  if (fields !== undefined && fields.length > limits.fieldsMax) {
    throw tooMany('give', limits.fieldsMax);
  }
  checkWhole('skip', skip, 0);
  if (limit !== undefined) checkWhole('limit', limit, 1);
  return {
    filter,
    sort: sort.map(([path, direction]) => ({
      names: splitPath(path, 'sort', limits.pathCharactersMax),
      direction,
    })),
    skip,
    limit,
    fields: fields?.map((path) => splitPath(path, 'give fields', limits.pathCharactersMax)),
  };
}

function checkWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new PortcullisError(
      'FILTER_INVALID',
      `Cannot query: ${name} is not a whole number of at least ${least}`,
    );
  }
}

function tooMany(act: string, max: number): PortcullisError {
  return new PortcullisError('FILTER_INVALID', `Cannot ${act} more than ${max} fields`);
}
