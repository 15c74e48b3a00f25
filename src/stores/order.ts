/** MongoDB's order of values, by which every store sorts and compares. */

import type { Document, Value } from './document.ts';
import { isObject, valuesAt } from './path.ts';

export interface SortField {
  /** The names of a path. */
  readonly names: readonly string[];
  readonly direction: 1 | -1;
}

/** Of different kinds, the kind decides: null and what is missing, numbers, texts, and so on. */
export function compareValues(left: Value | undefined, right: Value | undefined): number {
  const rank = rankOf(left) - rankOf(right);
  if (rank !== 0) return rank;
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right);
  if (Array.isArray(left) && Array.isArray(right)) return compareLists(left, right);
  if (isObject(left) && isObject(right)) return compareObjects(left, right);
  return Math.sign(Number(left ?? 0) - Number(right ?? 0));
}

/** As their UTF-8 would compare, byte by byte. */
export function compareTexts(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const difference = codeUnitRank(left, index) - codeUnitRank(right, index);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Surrogates, which stand for the highest code points, come after the rest of UTF-16. */
function codeUnitRank(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Compares whole documents, by `fields` and then by `_id`, so that the order is always the same. */
export function documentOrder(
  fields: readonly SortField[],
): (left: Document, right: Document) => number {
  const all: readonly SortField[] = [...fields, { names: ['_id'], direction: 1 }];
  return (left, right) => {
    for (const field of all) {
      const order = compareValues(sortValue(left, field), sortValue(right, field));
      if (order !== 0) return order * field.direction;
    }
    return 0;
  };
}

/** Of a list, its least element when the order ascends, its greatest when it descends. */
function sortValue(document: Document, { names, direction }: SortField): Value | undefined {
  const values = valuesAt(document, names);
  let best = values[0];
  for (const value of values) {
    if (compareValues(value, best) * direction < 0) best = value;
  }
  return best;
}

function rankOf(value: Value | undefined): number {
  if (value === undefined || value === null) return 1;
  if (typeof value === 'number') return 2;
  if (typeof value === 'string') return 3;
  if (typeof value === 'boolean') return 6;
  if (value instanceof Date) return 7;
  return Array.isArray(value) ? 5 : 4;
}

function compareLists(left: readonly Value[], right: readonly Value[]): number {
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const order = compareValues(left[index], right[index]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareObjects(left: Document, right: Document): number {
  const leftEntries = Object.entries(left);
  const rightEntries = Object.entries(right);
  for (let index = 0; index < Math.min(leftEntries.length, rightEntries.length); index += 1) {
    const [leftName = '', leftValue] = leftEntries[index] ?? [];
    const [rightName = '', rightValue] = rightEntries[index] ?? [];
    const order =
      rankOf(leftValue) - rankOf(rightValue) ||
      compareTexts(leftName, rightName) ||
      compareValues(leftValue, rightValue);
    if (order !== 0) return order;
  }
  return leftEntries.length - rightEntries.length;
}
