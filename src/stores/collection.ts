/** The declaration of a collection, and what its indexes ask of each document. */

import { PortcullisError } from '../errors.ts';
import type { Document, Value } from './document.ts';
import type { StoreLimits } from './limits.ts';
import { isObject, splitPath, valueAt, valuesAt } from './path.ts';

export interface IndexDeclaration {
  /** Paths, in the order in which queries are equal to them. `_id` may be the last. */
  readonly fields: readonly string[];
  /** No two documents have the same values; every document has them, and none is null. */
  readonly unique?: boolean;
  /** The first path leads through lists or ends in one: each element is an entry. */
  readonly multikey?: boolean;
}

export interface CollectionDeclaration {
  /** A lower-case word, as `users` or `repo_units`. */
  readonly name: string;
  readonly indexes: readonly IndexDeclaration[];
}

export interface CollectionIndex {
  /** The paths joined by commas, which no other index of the collection has. */
  readonly name: string;
  readonly fields: readonly (readonly string[])[];
  readonly unique: boolean;
  readonly multikey: boolean;
}

export type Collections = ReadonlyMap<string, readonly CollectionIndex[]>;

const namePattern = /^[a-z][a-z0-9_]{0,59}$/;

/** @throws TypeError for a declaration that is wrong, which is a defect of ours */
export function readDeclarations(
  declarations: readonly CollectionDeclaration[],
  limits: StoreLimits,
): Collections {
  const collections = new Map<string, readonly CollectionIndex[]>();
  for (const { name, indexes } of declarations) {
    if (!namePattern.test(name) || collections.has(name)) {
      throw new TypeError(`Cannot declare the collection ${name}: its name is wrong or taken`);
    }
    collections.set(
      name,
      indexes.map((index) => readIndex(name, index, limits)),
    );
  }
  return collections;
}

/** @throws TypeError for a collection that was not declared, which is a defect of ours */
export function indexesOf(collections: Collections, name: string): readonly CollectionIndex[] {
  const indexes = collections.get(name);
  if (indexes === undefined) throw new TypeError(`Cannot use the collection ${name}: undeclared`);
  return indexes;
}

/**
 * Refuses a document that an index of the collection could not hold.
 *
 * @throws PortcullisError DOCUMENT_INVALID
 */
export function checkIndexed(
  document: Document,
  indexes: readonly CollectionIndex[],
  limits: StoreLimits,
): void {
  for (const index of indexes) {
    for (const [place, names] of index.fields.entries()) {
      const isList = index.multikey && place === 0;
      const values = isList ? valuesAt(document, names) : single(document, names);
      for (const value of values) checkEntry(value, names, limits);
      if (index.unique && values.every((value) => value === null)) {
        throw invalid(names, 'has to be there, because it is unique');
      }
    }
  }
}

function readIndex(
  collection: string,
  { fields, unique = false, multikey = false }: IndexDeclaration,
  limits: StoreLimits,
): CollectionIndex {
  if (fields.length === 0 || (multikey && unique)) {
    throw new TypeError(`Cannot declare an index of ${collection}: ${fields.join()} is wrong`);
  }
  const paths = fields.map((path) => splitPath(path, 'declare an index', limits.pathCharactersMax));
  return { name: fields.join(), fields: paths, unique, multikey };
}

/** A list on the way would have more values than one, which only a multikey index holds. */
function single(document: Document, names: readonly string[]): readonly Value[] {
  const steps = names.map((_, index) => valueAt(document, names.slice(0, index + 1)));
  return [steps.find((value) => Array.isArray(value)) ?? steps.at(-1) ?? null];
}

function checkEntry(value: Value, names: readonly string[], limits: StoreLimits): void {
  if (Array.isArray(value) || isObject(value)) throw invalid(names, 'is not a plain value');
  if (typeof value === 'string' && Buffer.byteLength(value) > limits.indexedBytesMax) {
    throw invalid(names, `is longer than ${limits.indexedBytesMax} bytes`);
  }
}

function invalid(names: readonly string[], state: string): PortcullisError {
  return new PortcullisError(
    'DOCUMENT_INVALID',
    `Cannot keep a document: ${names.join('.')} ${state}`,
  );
}
