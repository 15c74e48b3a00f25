/** Whether a document is meant by a filter, by mingo's evaluation of MongoDB's language. */

import { Context } from 'mingo/core';
import { $elemMatch, $size } from 'mingo/operators/query/array';
import { $eq, $in, $ne, $nin } from 'mingo/operators/query/comparison';
import { $exists } from 'mingo/operators/query/element';
import { $and, $nor, $or } from 'mingo/operators/query/logical';
import { Query } from 'mingo/query';
import type { Document, Value } from './document.ts';
import type { Filter } from './filter.ts';
import { compareValues } from './order.ts';
import { valuesAt } from './path.ts';
import type { Pattern } from './pattern.ts';
import { renderFilter } from './render.ts';

type Predicate = (document: unknown) => boolean;

type Operators = NonNullable<NonNullable<Parameters<typeof Context.init>[0]>['query']>;

/** Ours, because mingo compares texts by UTF-16 and the databases by UTF-8. */
const ordered = {
  $gt: range((order) => order > 0),
  $gte: range((order) => order >= 0),
  $lt: range((order) => order < 0),
  $lte: range((order) => order <= 0),
};

/** Every operator that a rendered filter may hold, and no other. */
const context = Context.init({
  query: {
    ...{ $and, $or, $nor, $eq, $ne, $in, $nin, $exists, $size, $elemMatch },
    // mingo's type wants all its operators of each.
    ...({ ...ordered, $matches: matches } as object as Operators),
  },
});

/** @returns the filter as a function, to be asked of many documents */
export function compileFilter(filter: Filter): (document: Document) => boolean {
  const rendered = renderFilter(filter, (pattern) => ({ $matches: pattern.test }));
  const query = new Query(rendered, { context });
  return (document) => query.test(document);
}

function range(holds: (order: number) => boolean) {
  return (path: string, bound: unknown): Predicate => {
    const names = path.split('.');
    return (document) =>
      valuesAt(document as Document, names).some(
        (value) => isSameKind(value, bound) && holds(compareValues(value, bound as Value)),
      );
  };
}

/** The databases compare a number with numbers only, and so on. */
function isSameKind(left: Value, right: unknown): boolean {
  return typeof left === typeof right && left instanceof Date === right instanceof Date;
}

function matches(path: string, test: unknown): Predicate {
  const names = path.split('.');
  const isMatch = test as Pattern['test'];
  return (document) =>
    valuesAt(document as Document, names).some(
      (value) => typeof value === 'string' && isMatch(value),
    );
}
