/** The options of a search, and the criteria that they mean. */

import type { CommandOption, Given } from './command.ts';
import { usage } from './read-options.ts';

type Filter = Readonly<Record<string, unknown>>;

interface Operator {
  readonly text: string;
  readonly filter: (field: string, value: string) => Filter | undefined;
}

const compare =
  (name: string) =>
  (field: string, value: string): Filter => ({
    [field]: { [name]: /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value },
  });

/** By option. Undefined is a value that the operator cannot have. */
const operators: Readonly<Record<string, Operator>> = {
  'str-eq': {
    text: 'The field is this text.',
    filter: (field, value) => ({ [field]: value }),
  },
  'int-eq': {
    text: 'The field is this whole number.',
    filter: (field, value) => (/^-?\d{1,15}$/.test(value) ? { [field]: Number(value) } : undefined),
  },
  match: {
    text: 'The field matches this regular expression.',
    filter: (field, value) => ({ [field]: { $regex: value } }),
  },
  in: {
    text: 'The field is one of these texts, as name=a,b.',
    filter: (field, value) => ({ [field]: { $in: value.split(',') } }),
  },
  not: {
    text: 'The field does not match this regular expression.',
    filter: (field, value) => ({ [field]: { $not: { $regex: value } } }),
  },
  gt: { text: 'The field is greater: by number where the value is one.', filter: compare('$gt') },
  gte: { text: 'The field is greater or equal.', filter: compare('$gte') },
  lt: { text: 'The field is less.', filter: compare('$lt') },
  lte: { text: 'The field is less or equal.', filter: compare('$lte') },
  'str-gte': {
    text: 'The field is this text or comes after it, as name=m.',
    filter: (field, value) => ({ [field]: { $gte: value } }),
  },
  'str-lte': {
    text: 'The field is this text or comes before it.',
    filter: (field, value) => ({ [field]: { $lte: value } }),
  },
};

/** Those that say which are meant. */
export const filterOptions: Readonly<Record<string, CommandOption>> = {
  filters: {
    value: 'JSON',
    text: "A filter in MongoDB's language, in place of the options below.",
  },
  ...Object.fromEntries(
    Object.entries(operators).map(([name, { text }]): [string, CommandOption] => [
      name,
      { value: 'FIELD=VALUE', text, isRepeatable: true },
    ]),
  ),
};

export const criteriaOptions: Readonly<Record<string, CommandOption>> = {
  ...filterOptions,
  limit: { value: 'COUNT', text: 'Shows so many at most.' },
  skip: { value: 'COUNT', text: 'Leaves out so many of the first.' },
  sort: {
    value: 'FIELD[,ascending|descending]',
    text: 'Sorts by this field; given more than once, by the next where the first is equal.',
    isRepeatable: true,
  },
  fields: { value: 'NAMES', text: 'Asks for these fields alone, as login,name.' },
};

/** @throws PortcullisError USAGE */
export function criteriaOf(
  given: Given,
  path: readonly string[],
): Readonly<Record<string, unknown>> {
  const filters = filterOf(given, path);
  const sort = given.all('sort').map((text) => sortOf(text, path));
  const fields = given.one('fields');
  return {
    ...(filters !== undefined && { filters }),
    ...(sort.length > 0 && { sort }),
    ...countOf('limit', 1, given, path),
    ...countOf('skip', 0, given, path),
    ...(fields !== undefined && { fields: fields.split(',').map((name) => name.trim()) }),
  };
}

/**
 * What {@link filterOptions} mean; undefined where none is given. One alone stands bare, as pulp-admin sends it.
 *
 * @throws PortcullisError USAGE
 */
export function filterOf(given: Given, path: readonly string[]): unknown {
  const whole = given.one('filters');
  if (whole !== undefined) return jsonFilter(whole, path);
  const parts = Object.entries(operators).flatMap(([name, { filter }]) =>
    given.all(name).map((text): Filter => {
      const at = text.indexOf('=');
      const made = at < 1 ? undefined : filter(text.slice(0, at), text.slice(at + 1));
      if (made !== undefined) return made;
      const expected = name === 'int-eq' ? 'FIELD=NUMBER' : 'FIELD=VALUE';
      throw usage(path, `Cannot use --${name} ${JSON.stringify(text)}: expected ${expected}`);
    }),
  );
  return parts.length > 1 ? { $and: parts } : parts[0];
}

function jsonFilter(text: string, path: readonly string[]): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Told below, as what is JSON and no object.
  }
  throw usage(path, 'Cannot use --filters: expected an object in JSON');
}

function sortOf(text: string, path: readonly string[]): readonly [string, string] {
  const [name = '', direction = 'ascending', ...rest] = text.split(',').map((part) => part.trim());
  const isDirection = direction === 'ascending' || direction === 'descending';
  if (name !== '' && isDirection && rest.length === 0) return [name, direction];
  throw usage(
    path,
    `Cannot use --sort ${JSON.stringify(text)}: expected FIELD, FIELD,ascending or FIELD,descending`,
  );
}

function countOf(
  name: 'limit' | 'skip',
  min: number,
  given: Given,
  path: readonly string[],
): Readonly<Record<string, number>> {
  const text = given.one(name);
  if (text === undefined) return {};
  if (/^\d{1,9}$/.test(text) && Number(text) >= min) return { [name]: Number(text) };
  throw usage(path, `Cannot use --${name} ${JSON.stringify(text)}: expected a number from ${min}`);
}
