/** An erratum that several repositories have: its packages are those of all of them, as in Pulp. */

import type { JsonObject } from '../repositories/documents.ts';
import { canonicalJson } from '../repositories/unit-digests.ts';
import type { Value } from '../stores/document.ts';

/** `given` with the collections of packages that `present` has besides, in an order of their own. */
export function mergeErratum(present: JsonObject, given: JsonObject): JsonObject {
  const collections = new Map<string, JsonObject>();
  for (const collection of [...objectsOf(present.pkglist), ...objectsOf(given.pkglist)]) {
    const { packages, ...key } = collection;
    const name = canonicalJson(key);
    const known = collections.get(name)?.packages ?? [];
    collections.set(name, { ...key, packages: mergePackages(known, packages ?? []) });
  }
  return { ...given, pkglist: inOrder(collections) };
}

function mergePackages(known: Value, added: Value): readonly JsonObject[] {
  const all = [...objectsOf(known), ...objectsOf(added)];
  return inOrder(
    new Map(
      all.map((each) => {
        const { name, epoch, version, release, arch } = each;
        return [canonicalJson({ name, epoch, version, release, arch } as JsonObject), each];
      }),
    ),
  );
}

function inOrder(byKey: ReadonlyMap<string, JsonObject>): readonly JsonObject[] {
  return [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each);
}

function objectsOf(value: Value | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonObject[]) : [];
}
