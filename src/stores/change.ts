/** Changes of one document: MongoDB's update operators, as far as they are needed, or a function. */

import { isDeepStrictEqual } from 'node:util';
import { PortcullisError } from '../errors.ts';
import { checkDocument, checkValue, type Document, type Scalar, type Value } from './document.ts';
import type { StoreLimits } from './limits.ts';
import { isObject, splitPath, valueAt } from './path.ts';

/** Each operator names paths; those of all operators have to differ. Objects on the way are made. */
export interface Changes {
  readonly $set?: Readonly<Record<string, Value>>;
  /** Removes fields; what is not there is removed already. */
  readonly $unset?: readonly string[];
  /** Adds to a number; a missing one is 0. */
  readonly $inc?: Readonly<Record<string, number>>;
  /** Adds to the end of a list; a missing one is empty. */
  readonly $push?: Readonly<Record<string, Value>>;
  /** As `$push`, unless the list holds an equal value. */
  readonly $addToSet?: Readonly<Record<string, Value>>;
  /** Removes every equal value from a list. */
  readonly $pull?: Readonly<Record<string, Scalar>>;
}

/**
 * The document as it shall be, from the document as it is; undefined to leave it. It may be called
 * again when somebody else was faster, so it has no effects of its own.
 */
export type Transform = (document: Document) => Document | undefined;

export type Change = Changes | Transform;

/**
 * What `document`, without `_id` and `_version`, becomes. The same function works for every store.
 *
 * @throws PortcullisError DOCUMENT_INVALID or FILTER_INVALID for a change that cannot be made
 */
export function applyChange(
  document: Document,
  change: Change,
  limits: StoreLimits,
): Document | undefined {
  const changed =
    typeof change === 'function' ? change(document) : applyChanges(document, change, limits);
  return changed === undefined ? undefined : withoutId(checkDocument(changed, limits));
}

function withoutId(document: Document): Document {
  const { _id, ...fields } = document;
  return fields;
}

type Edit = (current: Value | undefined, path: string) => Value | undefined;

function applyChanges(document: Document, changes: Changes, limits: StoreLimits): Document {
  const edits = readEdits(changes);
  const seen = edits.map(([path]) => splitPath(path, 'change', limits.pathCharactersMax));
  if (seen.some((names, index) => seen.some((other, at) => at !== index && begins(other, names)))) {
    throw invalid('two changes are of the same field');
  }
  return edits.reduce<Document>((changed, [path, edit], index) => {
    const names = seen[index] ?? [];
    const raw = edit(valueAt(changed, names), path);
    const value = raw === undefined ? undefined : checkValue(raw, path, names.length, limits);
    return withValue(changed, names, value, path);
  }, document);
}

function readEdits(changes: Changes): readonly (readonly [path: string, edit: Edit])[] {
  return [
    ...each(changes.$set, (value) => () => value),
    ...(changes.$unset ?? []).map((path): [string, Edit] => [path, () => undefined]),
    ...each(changes.$inc, (step) => (current, path) => add(current, step, path)),
    ...each(changes.$push, (value) => (current, path) => [...listOf(current, path), value]),
    ...each(changes.$addToSet, (value) => (current, path) => {
      const list = listOf(current, path);
      return list.some((item) => isDeepStrictEqual(item, value)) ? list : [...list, value];
    }),
    ...each(
      changes.$pull,
      (value) => (current, path) =>
        current === undefined
          ? undefined
          : listOf(current, path).filter((item) => !isDeepStrictEqual(item, value)),
    ),
  ];
}

function each<Operand>(
  operands: Readonly<Record<string, Operand>> | undefined,
  edit: (operand: Operand) => Edit,
): [string, Edit][] {
  return Object.entries(operands ?? {}).map(([path, operand]) => [path, edit(operand)]);
}

function add(current: Value | undefined, step: number, path: string): number {
  if (current !== undefined && typeof current !== 'number') {
    throw invalid(`$inc needs a number at ${path}`);
  }
  return (current ?? 0) + step;
}

function listOf(current: Value | undefined, path: string): readonly Value[] {
  if (current === undefined) return [];
  if (!Array.isArray(current)) throw invalid(`a list is needed at ${path}`);
  return current;
}

function withValue(
  document: Document,
  names: readonly string[],
  value: Value | undefined,
  path: string,
): Document {
  const [name = '', ...rest] = names;
  if (rest.length === 0) {
    const { [name]: _, ...others } = document;
    return value === undefined ? others : { ...document, [name]: value };
  }
  const child = document[name];
  if (child === undefined && value === undefined) return document;
  if (child !== undefined && !isObject(child)) throw invalid(`${path} leads through no object`);
  return { ...document, [name]: withValue(child ?? {}, rest, value, path) };
}

function begins(names: readonly string[], start: readonly string[]): boolean {
  return start.every((name, index) => names[index] === name);
}

function invalid(state: string): PortcullisError {
  return new PortcullisError('DOCUMENT_INVALID', `Cannot change a document: ${state}`);
}
