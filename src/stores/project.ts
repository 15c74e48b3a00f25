/** Leaves of a document only the fields that were asked for. */

import type { Document, StoredDocument, Value } from './document.ts';
import { isObject } from './path.ts';

type Tree = ReadonlyMap<string, Tree | 'whole'>;

/** @param fields paths, each as its names; `_id` and `_version` stay in any case */
export function projection(
  fields: readonly (readonly string[])[],
): (document: StoredDocument) => StoredDocument {
  const tree = fields.reduce(grow, new Map<string, Tree | 'whole'>());
  return (document) => {
    const { _id, _version } = document;
    return { ...pick(document, tree), _id, _version } as StoredDocument;
  };
}

function grow(tree: Tree, names: readonly string[]): Tree {
  const [name, ...rest] = names;
  if (name === undefined) return tree;
  const branch = tree.get(name);
  if (branch === 'whole' || rest.length === 0) return new Map(tree).set(name, 'whole');
  return new Map(tree).set(name, grow(branch ?? new Map(), rest));
}

function pick(document: Document, tree: Tree): Document {
  const picked: Record<string, Value> = {};
  for (const [name, branch] of tree) {
    const value = Object.hasOwn(document, name) ? document[name] : undefined;
    const part = value === undefined ? undefined : pickValue(value, branch);
    if (part !== undefined) picked[name] = part;
  }
  return picked;
}

function pickValue(value: Value, branch: Tree | 'whole'): Value | undefined {
  if (branch === 'whole') return value;
  if (Array.isArray(value)) return value.filter(isObject).map((item) => pick(item, branch));
  return isObject(value) ? pick(value, branch) : undefined;
}
