/** Which documents a query means: MongoDB's filter language, as far as it is allowed, as a tree. */

import type { Scalar } from './document.ts';
import type { Pattern } from './pattern.ts';

/** A value that has an order beside others of its kind. */
export type Ordered = string | number | Date;

export type Filter =
  | { readonly kind: 'and' | 'or' | 'nor'; readonly parts: readonly Filter[] }
  | { readonly kind: 'field'; readonly names: readonly string[]; readonly test: Test };

export type Test =
  | { readonly operator: 'eq' | 'ne'; readonly value: Scalar | readonly Scalar[] }
  | { readonly operator: 'gt' | 'gte' | 'lt' | 'lte'; readonly value: Ordered }
  | { readonly operator: 'in' | 'nin'; readonly values: readonly Scalar[] }
  | { readonly operator: 'exists'; readonly value: boolean }
  | { readonly operator: 'size'; readonly value: number }
  | { readonly operator: 'regex'; readonly pattern: Pattern }
  /** Some element of the list passes all tests. */
  | { readonly operator: 'elemMatch'; readonly tests: readonly Test[] }
  /** Some element of the list is an object that `filter` means. */
  | { readonly operator: 'elemMatchObject'; readonly filter: Filter };

/** Every document. */
export const everything: Filter = { kind: 'and', parts: [] };

/** Whether it is {@link everything} in other words. */
export function isEverything(filter: Filter): boolean {
  return filter.kind === 'and' && filter.parts.length === 0;
}

/** `filter` less the conditions that hold one of `operators`: it means the same documents and more. */
export function withoutOperators(filter: Filter, operators: Operators): Filter {
  if (!hasOperator(filter, operators)) return filter;
  if (filter.kind !== 'and') return everything;
  return { kind: 'and', parts: filter.parts.map((part) => withoutOperators(part, operators)) };
}

export type Operators = ReadonlySet<Test['operator']>;

/** Whether one of `operators` is somewhere in `filter`. */
export function hasOperator(filter: Filter, operators: Operators): boolean {
  return filter.kind === 'field'
    ? testHasOperator(filter.test, operators)
    : filter.parts.some((part) => hasOperator(part, operators));
}

function testHasOperator(test: Test, operators: Operators): boolean {
  if (operators.has(test.operator)) return true;
  if (test.operator === 'elemMatchObject') return hasOperator(test.filter, operators);
  if (test.operator !== 'elemMatch') return false;
  return test.tests.some((inner) => testHasOperator(inner, operators));
}
