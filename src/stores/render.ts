/** A filter written in MongoDB's language again, from the tree and never from what a client wrote. */

import type { Filter, Test } from './filter.ts';
import type { Pattern } from './pattern.ts';

/** How the reader of the rendered filter wants a regular expression. */
export type RenderPattern = (pattern: Pattern) => Record<string, unknown>;

export function renderFilter(
  filter: Filter,
  renderPattern: RenderPattern,
): Record<string, unknown> {
  if (filter.kind === 'field') {
    return { [filter.names.join('.')]: renderTest(filter.test, renderPattern) };
  }
  const [first, ...rest] = filter.parts.map((part) => renderFilter(part, renderPattern));
  if (first === undefined) return {};
  return rest.length === 0 && filter.kind !== 'nor'
    ? first
    : { [`$${filter.kind}`]: [first, ...rest] };
}

function renderTest(test: Test, renderPattern: RenderPattern): Record<string, unknown> {
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
