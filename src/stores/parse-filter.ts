/**
 * Filters are made here alone, so that no store ever sees an operator that a client wrote (T56): by
 * {@link parseFilter} from what a client sent, by {@link where} from values in our code.
 */

import { PortcullisError } from '../errors.ts';
import type { Scalar } from './document.ts';
import type { Filter } from './filter.ts';
import { FilterReader } from './filter-reader.ts';
import { type StoreLimits, storeLimits } from './limits.ts';

/**
 * Reads a filter that came from outside.
 *
 * @throws PortcullisError FILTER_INVALID naming what is not allowed
 */
export function parseFilter(raw: unknown, limits: StoreLimits = storeLimits): Filter {
  return new FilterReader(limits).read(raw);
}

/**
 * Documents whose `fields` have these values: an equality for each. What is no plain value is a
 * defect of the caller or an attack, and throws.
 *
 * @throws PortcullisError FILTER_INVALID
 */
export function where(
  fields: Readonly<Record<string, Scalar>>,
  limits: StoreLimits = storeLimits,
): Filter {
  for (const value of Object.values(fields)) {
    if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
      throw new PortcullisError('FILTER_INVALID', 'Cannot filter: a value is not a plain value');
    }
  }
  return parseFilter(fields, limits);
}
