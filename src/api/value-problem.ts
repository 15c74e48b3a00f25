/** Says in a clause what is wrong with a value, for whoever sent it. */

import type { z } from 'zod';

/** Characters of a name or a value that are sent back. */
const shownCharactersMax = 100;

/** Names that are sent back. */
const shownNamesMax = 20;

export interface ValueProblem {
  /** As `login`, or `delta.name`. */
  readonly property: string;
  /** A clause, as "it is empty". */
  readonly problem: string;
}

/** What came in a request, in quotes and cut: a body of megabytes is not sent back. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, shownCharactersMax));
}

/** Names that came in a request, each once, cut and counted before they are sent back. */
export function boundedNames(names: readonly string[]): readonly string[] {
  const cut = [...new Set(names)].slice(0, shownNamesMax);
  return cut.map((name) => name.slice(0, shownCharactersMax));
}

/** As {@link boundedNames}, with one problem of each name. */
export function boundedProblems(problems: readonly ValueProblem[]): readonly ValueProblem[] {
  const byName = new Map(
    problems.map(({ property, problem }) => [property.slice(0, shownCharactersMax), problem]),
  );
  const shown = [...byName].slice(0, shownNamesMax);
  return shown.map(([property, problem]) => ({ property, problem }));
}

/** The clause for what a schema has found. It holds nothing of the value. */
export function problemOfIssue(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `it should be ${types[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `it is none of ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return tooBig(issue.origin, Number(issue.maximum));
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum));
    default:
      // Of a condition of ours, what the condition says.
      return issue.message;
  }
}

const types: Readonly<Record<string, string | undefined>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
};

function tooBig(origin: string, maximum: number): string {
  if (origin === 'string') return `it is longer than ${maximum} characters`;
  return origin === 'array' ? `it has more than ${maximum} items` : `it is more than ${maximum}`;
}

function tooSmall(origin: string, minimum: number): string {
  if (origin === 'string') return 'it is empty';
  return origin === 'array' ? `it has fewer than ${minimum} items` : `it is less than ${minimum}`;
}
