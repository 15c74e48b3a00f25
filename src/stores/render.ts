/** A filter written in MongoDB's language again, from the tree and never from what a client wrote. */

import type { Filter, Test } from './filter.ts';
import { isObject } from './path.ts';
import type { Pattern } from './pattern.ts';

/** How the reader of the rendered filter wants a regular expression. */
export type RenderPattern = (pattern: Pattern) => Rendered;

type Rendered = Record<string, unknown>;

export function renderFilter(filter: Filter, renderPattern: RenderPattern): Rendered {
  if (filter.kind === 'field') {
    return { [filter.names.join('.')]: renderTest(filter.test, renderPattern) };
  }
  const parts = filter.parts.map((part) => renderFilter(part, renderPattern));
  if (filter.kind !== 'and') return { [`$${filter.kind}`]: parts };
  // FerretDB 1 knows no $and inside $elemMatch, and nobody needs one for different conditions.
  return parts.reduce<Rendered | undefined>(merge, {}) ?? { $and: parts };
}

/** Both as one object; undefined when a name of both means different things. */
function merge(left: Rendered | undefined, right: Rendered): Rendered | undefined {
  if (left === undefined) return undefined;
  const merged: Rendered = { ...left };
  for (const [name, value] of Object.entries(right)) {
    const known = merged[name];
    if (known === undefined) merged[name] = value;
    else if (areDisjoint(known, value)) merged[name] = { ...Object(known), ...Object(value) };
    else return undefined;
  }
  return merged;
}

/** Whether both are operators of a field, of which none is twice. */
function areDisjoint(left: unknown, right: unknown): boolean {
  return isObject(left) && isObject(right) && !Object.keys(left).some((name) => name in right);
}

function renderTest(test: Test, renderPattern: RenderPattern): Rendered {
  switch (test.operator) {
    case 'in':
    case 'nin':
      return { [`$${test.operator}`]: test.values };
    case 'regex':
      return renderPattern(test.pattern);
    case 'elemMatch':
      return { $elemMatch: renderElementTests(test.tests, renderPattern) };
    case 'elemMatchObject':
      return { $elemMatch: renderFilter(test.filter, renderPattern) };
    default:
      return { [`$${test.operator}`]: test.value };
  }
}

/** Their operators differ, because they were the names of one object. */
function renderElementTests(tests: readonly Test[], renderPattern: RenderPattern) {
  return Object.assign({}, ...tests.map((test) => renderTest(test, renderPattern)));
}
