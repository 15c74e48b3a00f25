/** `retain_old_count`: how many versions of a package are kept besides the newest. */

import type { NamedVersion } from './synced-unit.ts';
import { compareVersions } from './version-order.ts';

/**
 * Those of `items` that are older than the newest `oldCount` + 1 versions of their package. Builds of one
 * version count once.
 */
export function outlived<T>(
  items: Iterable<T>,
  versionOf: (item: T) => NamedVersion | undefined,
  oldCount: number,
): readonly T[] {
  const byPackage = new Map<string, { readonly item: T; readonly version: NamedVersion }[]>();
  for (const item of items) {
    const version = versionOf(item);
    if (version === undefined) continue;
    const versions = byPackage.get(version.of);
    if (versions === undefined) byPackage.set(version.of, [{ item, version }]);
    else versions.push({ item, version });
  }
  return [...byPackage.values()].flatMap((versions) => olderThan(versions, oldCount));
}

function olderThan<T>(
  versions: { readonly item: T; readonly version: NamedVersion }[],
  oldCount: number,
): readonly T[] {
  versions.sort((one, other) => compareVersions(other.version, one.version));
  let distinct = 0;
  let last: NamedVersion | undefined;
  const old: T[] = [];
  for (const { item, version } of versions) {
    if (last === undefined || compareVersions(last, version) !== 0) distinct += 1;
    last = version;
    if (distinct > oldCount + 1) old.push(item);
  }
  return old;
}
