/** What is below the parents of distributions: of those of the configuration, and of those of the store. */

import type { Configuration } from '../config/configuration.ts';
import type { Below } from '../content/parent-listing.ts';
import { PublishedTree } from '../content/published-tree.ts';
import type { LiveDistributions } from './live-distributions.ts';

export function createBelow(
  { content, distributions }: Pick<Configuration, 'content' | 'distributions'>,
  published: Pick<LiveDistributions, 'below'> | undefined,
): Below {
  const configured = new PublishedTree<true>();
  for (const prefix of content.prefixes) {
    for (const { relativeUrl } of distributions) configured.set(prefix + relativeUrl, true);
  }
  const prefixes = [...content.prefixes, content.repositoryPrefix, content.isoPrefix];
  return (path) => {
    // What is above the prefixes is no parent of a distribution, but of all of them.
    if (!prefixes.some((prefix) => `${path}/`.startsWith(prefix))) return undefined;
    return unionOf(configured.below(path), published?.below(path));
  };
}

type Names = ReturnType<Below>;

function unionOf(one: Names, other: Names): Names {
  if (one === undefined || other === undefined) return one ?? other;
  const names = [...new Set([...one.keys(), ...other.keys()])];
  return new Map(names.map((name) => [name, chained(one.get(name), other.get(name))]));
}

function* chained(...all: readonly (Iterable<string> | undefined)[]): Generator<string> {
  for (const some of all) if (some !== undefined) yield* some;
}
