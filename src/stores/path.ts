/** Paths into documents, as `users.username`: which may be written, and what stands there. */

import { PortcullisError } from '../errors.ts';
import type { Value } from './document.ts';

/** What every object inherits: a name that would find a function where a document has nothing. */
const inherited = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Kept by the stores themselves. */
export const versionField = '_version';

/**
 * What is wrong with `name` as the name of a field; undefined when nothing is. A dot would be a path,
 * a dollar an operator, and a NUL would end the name in BSON.
 */
export function fieldNameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.startsWith('$')) return 'it begins with `$`';
  if (name.includes('.')) return 'it holds a dot';
  if (inherited.has(name)) return 'every object has something of this name';
  return textProblem(name);
}

/** What is wrong with `text` as a value or a part of a name: not every store could keep it as it is. */
export function textProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'it holds a NUL';
  return text.isWellFormed() ? undefined : 'it is not well-formed Unicode';
}

/**
 * The names of `path`, in order.
 *
 * @param act what it is read for, as "filter"; begins the error after "Cannot"
 * @throws PortcullisError FILTER_INVALID
 */
export function splitPath(path: string, act: string, charactersMax: number): readonly string[] {
  if (path.length > charactersMax) {
    throw invalid(act, `a path is longer than ${charactersMax} characters`);
  }
  const names = path.split('.');
  for (const name of names) {
    const problem = fieldNameProblem(name);
    if (problem !== undefined) {
      throw invalid(
        act,
        `the path ${JSON.stringify(path)} has a name that is no field's: ${problem}`,
      );
    }
  }
  if (names[0] === versionField) throw invalid(act, `${versionField} is for the store alone`);
  return names;
}

function invalid(act: string, state: string): PortcullisError {
  return new PortcullisError('FILTER_INVALID', `Cannot ${act}: ${state}`);
}

/** The value at `names`, through objects alone; undefined where there is none. */
export function valueAt(document: Value, names: readonly string[]): Value | undefined {
  let value: Value | undefined = document;
  for (const name of names) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/**
 * All values at `names`, through the elements of every list on the way, the last one included: what
 * MongoDB puts into a multikey index.
 */
export function valuesAt(document: Value, names: readonly string[]): readonly Value[] {
  let values: readonly Value[] = [document];
  for (const name of names) {
    values = values.flatMap(elements).flatMap((value) => {
      const found = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
      return found === undefined ? [] : [found];
    });
  }
  return values.flatMap(elements);
}

function elements(value: Value): readonly Value[] {
  return Array.isArray(value) ? value : [value];
}

/** Neither a list nor a date nor null. */
export function isObject(value: unknown): value is { readonly [name: string]: Value } {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}
