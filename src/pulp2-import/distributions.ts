/** The distributions of an import: where each has its files, and who may read it. */

import { realpath } from 'node:fs/promises';
import { relativeUrl as relativeUrlKind } from '../config/kinds/urls.ts';
import { Place as ConfigurationPlace, show } from '../config/place.ts';
import { distributionsMax } from '../config/settings/distributions.ts';
import { type Grant, guard } from './guard.ts';
import type { Installation, Place } from './installation.ts';
import type { Protection } from './protection.ts';
import type { Kind, Repository } from './published.ts';

export interface Distribution {
  readonly relativeUrl: string;
  /** On this host. */
  readonly root: string;
  /** Any of these lets in; nobody has access when there is none. */
  readonly access: readonly Grant[];
  /** The tree of Pulp's that `root` shows. */
  readonly source: Place;
  /** Whether `listing` files are all that is served of it. */
  readonly isListing: boolean;
}

export interface DistributionParts {
  readonly installation: Installation;
  readonly protection: Protection;
  /** On this host, for trees of our own; undefined where Pulp's are served. */
  readonly trees: string | undefined;
}

/** One for each repository that can have one; what cannot is noted. */
export async function planDistributions(
  repositories: readonly Repository[],
  parts: DistributionParts,
): Promise<readonly Distribution[]> {
  const planned = new Map<string, Distribution>();
  for (const repository of repositories) {
    if (!isCarried(repository, planned, parts)) continue;
    planned.set(repository.relativeUrl, await planDistribution(repository, parts));
  }
  return [...planned.values()];
}

function isCarried(
  { kind, relativeUrl }: Repository,
  planned: ReadonlyMap<string, Distribution>,
  { protection: { notes } }: DistributionParts,
): boolean {
  const what = `the ${kind} repository ${show(relativeUrl)}`;
  if (relativeUrlKind.parse(relativeUrl, new ConfigurationPlace('', '/', [])) === undefined) {
    notes.add(
      'not carried over',
      `${what}: its path has to be ${relativeUrlKind.expected}; publish it at another`,
    );
    return false;
  }
  if (planned.has(relativeUrl)) {
    notes.add(
      'not carried over',
      `${what}: another repository has this path, and a distribution answers below every prefix; publish one of them at another`,
    );
    return false;
  }
  if (planned.size < distributionsMax) return true;
  notes.add('not carried over', `${what}: there are ${distributionsMax} distributions already`);
  return false;
}

async function planDistribution(
  repository: Repository,
  parts: DistributionParts,
): Promise<Distribution> {
  const { relativeUrl, kind, published } = repository;
  const { installation, protection, trees } = parts;
  const path = published.https ?? published.http ?? '';
  const source = (await installation.find(path)) ?? { path, kind: 'directory' };
  const access = await guard(repository, protection);
  return {
    relativeUrl,
    root:
      trees === undefined ? await rootOf(path, source, parts) : treeOf(trees, kind, relativeUrl),
    access: access.rule === 'nobody' ? [] : [access],
    source,
    isListing: false,
  };
}

/** Where the tree of a distribution stands among trees of our own. */
export function treeOf(trees: string, kind: Kind | 'listings', relativeUrl: string): string {
  return `${trees}/${kind}/${relativeUrl}`;
}

/** The link that Pulp moves to the next publication, where this host follows it as Pulp's did. */
async function rootOf(
  path: string,
  source: Place,
  { installation, protection: { notes } }: DistributionParts,
): Promise<string> {
  const tree = installation.onHost(source.path);
  const followed = await realpath(installation.onHost(path)).catch(() => undefined);
  if (followed === tree) return installation.onHost(path);
  notes.add(
    'different',
    'the roots are the trees that are published now, because the links to them lead elsewhere on this host; import once more when Pulp has published again',
  );
  return tree;
}
