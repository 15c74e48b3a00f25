/** Which index narrows a filter most, and to which of its entries. What is left, the evaluator decides. */

import type { Scalar } from '../document.ts';
import type { Filter, Test } from '../filter.ts';
import { isScalar, type KeyRange, rangeBetween, rangeOfPrefix } from './keys.ts';
import type { StoredIndex } from './layout.ts';

export type Plan =
  /** These documents alone. */
  { readonly kind: 'ids'; readonly ids: readonly string[] } | IndexPlan | { readonly kind: 'scan' };

/** The documents of the entries in `ranges`, which do not overlap. */
export interface IndexPlan {
  readonly kind: 'index';
  readonly index: StoredIndex;
  readonly ranges: readonly KeyRange[];
  /** Of how many of its first fields the value is one and the same in all ranges. */
  readonly equal: number;
}

type Field = Extract<Filter, { kind: 'field' }>;
type Range = Test & { readonly operator: 'gt' | 'gte' | 'lt' | 'lte' };

interface Candidate {
  readonly plan: Plan;
  /** Higher narrows more. */
  readonly rank: number;
}

export function planFilter(filter: Filter, indexes: readonly StoredIndex[]): Plan {
  const fields = conditions(filter);
  const candidates = [idCandidate(fields), ...indexes.map((index) => candidate(index, fields))];
  return candidates.reduce((best, next) => (next.rank > best.rank ? next : best)).plan;
}

/**
 * The entries that stand for the documents which `filter` means, one for each; undefined when entries alone
 * cannot tell.
 */
export function planCount(
  filter: Filter,
  indexes: readonly StoredIndex[],
): { readonly index: StoredIndex; readonly range: KeyRange } | undefined {
  const fields = conditions(filter);
  const paths = new Set(fields.map(({ names }) => names.join('.')));
  const isEquality = fields.every(({ test }) => {
    const values = equalTo(test);
    return values?.length === 1 && values[0] !== null;
  });
  if (!isEquality || paths.size !== fields.length || !isConjunction(filter)) return undefined;
  const plan = planFilter(filter, indexes);
  if (plan.kind !== 'index' || plan.equal !== fields.length) return undefined;
  const [range] = plan.ranges;
  return range === undefined ? undefined : { index: plan.index, range };
}

/** Whether {@link conditions} are all that it asks. */
function isConjunction(filter: Filter): boolean {
  return filter.kind === 'field' || (filter.kind === 'and' && filter.parts.every(isConjunction));
}

/** The conditions that every meant document fulfils. */
function conditions(filter: Filter): readonly Field[] {
  if (filter.kind === 'field') return [filter];
  return filter.kind === 'and' ? filter.parts.flatMap(conditions) : [];
}

const none: Candidate = { plan: { kind: 'scan' }, rank: 0 };
const rankOfId = 1000;
const rankOfUnique = 500;
/** Of one of several values as well. Of plans of the same rank, that of the first index is taken. */
const rankOfEquality = 10;
const rankOfRange = 5;

function idCandidate(fields: readonly Field[]): Candidate {
  const values = fields
    .filter(({ names }) => names.length === 1 && names[0] === '_id')
    .map(({ test }) => equalTo(test))
    .find((found) => found !== undefined);
  if (values === undefined) return none;
  const ids = new Set(values.filter((value) => typeof value === 'string'));
  return { plan: { kind: 'ids', ids: [...ids] }, rank: rankOfId };
}

function candidate(index: StoredIndex, fields: readonly Field[]): Candidate {
  const tests = index.fields.map((names) => testsOf(index, names, fields));
  const equals = leading(tests.map((of) => of.map(equalTo).find((values) => values?.length === 1)));
  const prefix = equals.flat();
  const next = tests[equals.length] ?? [];
  const after = rangesAfter(prefix, next, index.multikey);
  if (after !== undefined) {
    const plan = { kind: 'index', index, ranges: after.ranges, equal: prefix.length } as const;
    return { plan, rank: prefix.length * rankOfEquality + after.rank };
  }
  if (prefix.length === 0) return none;
  const isOne = index.unique && prefix.length === index.fields.length;
  return {
    plan: { kind: 'index', index, ranges: [rangeOfPrefix(prefix)], equal: prefix.length },
    rank: prefix.length * rankOfEquality + (isOne ? rankOfUnique : 0),
  };
}

/** An entry of a multikey index never stands for a missing value, so it does not find null. */
function testsOf(
  index: StoredIndex,
  names: readonly string[],
  fields: readonly Field[],
): readonly Test[] {
  const path = names.join('.');
  return fields
    .filter((field) => field.names.join('.') === path)
    .map((field) => field.test)
    .filter((test) => !index.multikey || equalTo(test)?.includes(null) !== true);
}

function leading<Item>(items: readonly (Item | undefined)[]): readonly Item[] {
  const end = items.indexOf(undefined);
  return (end < 0 ? items : items.slice(0, end)).filter((item) => item !== undefined);
}

function rangesAfter(
  prefix: readonly Scalar[],
  tests: readonly Test[],
  isMultikey: boolean,
): { readonly ranges: readonly KeyRange[]; readonly rank: number } | undefined {
  const values = tests.map(equalTo).find((found) => found !== undefined);
  if (values !== undefined) {
    const ranges = distinct(values).map((value) => rangeOfPrefix([...prefix, value]));
    return { ranges, rank: rankOfEquality };
  }
  const bounds = tests.filter(isRange);
  const [first] = bounds;
  if (first === undefined) return undefined;
  // Different elements of a list may keep to different bounds, so only one of them narrows.
  const used = isMultikey ? [first] : bounds;
  const lower = used.find((test) => test.operator === 'gt' || test.operator === 'gte')?.value;
  const upper = used.find((test) => test.operator === 'lt' || test.operator === 'lte')?.value;
  const range = rangeBetween(prefix, first.value, {
    ...(lower === undefined ? {} : { lower }),
    ...(upper === undefined ? {} : { upper }),
  });
  return { ranges: [range], rank: rankOfRange };
}

function isRange(test: Test): test is Range {
  return ['gt', 'gte', 'lt', 'lte'].includes(test.operator);
}

/** The values of which the field has to have one; undefined when the test asks something else. */
function equalTo(test: Test): readonly Scalar[] | undefined {
  if (test.operator === 'in') return test.values;
  if (test.operator !== 'eq' || Array.isArray(test.value)) return undefined;
  return isScalar(test.value) ? [test.value] : undefined;
}

function distinct(values: readonly Scalar[]): readonly Scalar[] {
  const known = new Map(
    values.map((value) => [`${typeof value} ${Number(value)} ${value}`, value]),
  );
  return [...known.values()];
}
