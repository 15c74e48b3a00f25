/** The repositories that an installation has published. */

import type { Publishing, Scheme } from './apache.ts';
import type { Installation, Place } from './installation.ts';
import type { Notes } from './notes.ts';

/** How many directories deep a repository may be published. */
export const publishedDepthMax = 32;

export type Kind = 'yum' | 'iso';

export interface Repository {
  readonly kind: Kind;
  /** Where it is published below the prefix of its kind, without slashes around it. */
  readonly relativeUrl: string;
  /** Known where the published tree tells it; ISOs are published under it. */
  readonly id: string | undefined;
  /** What is published by each scheme: a path of the installation, which may be a link. */
  readonly published: Readonly<Partial<Record<Scheme, string>>>;
}

/** The URL of each kind that is carried over. */
export const urlOf: Readonly<Record<Kind, string>> = { yum: '/pulp/repos', iso: '/pulp/isos' };

/** What Pulp's own files publish, below its storage directory. */
export function defaultPublishings(storage: string): readonly Publishing[] {
  const schemes: readonly Scheme[] = ['https', 'http'];
  return schemes.flatMap((scheme) => [
    { url: urlOf.yum, scheme, directory: `${storage}/published/yum/${scheme}/repos` },
    { url: urlOf.iso, scheme, directory: `${storage}/published/${scheme}/isos` },
  ]);
}

/** @throws PortcullisError FILE_UNREADABLE when a directory cannot be read */
export async function findRepositories(
  installation: Installation,
  publishings: readonly Publishing[],
  notes: Notes,
): Promise<readonly Repository[]> {
  const found = new Map<string, Repository>();
  for (const { url, scheme, directory } of publishings) {
    const kind = url === urlOf.yum ? 'yum' : 'iso';
    await walk({ installation, notes, directory }, '', (relativeUrl, path, place) => {
      const key = `${kind} ${relativeUrl}`;
      const before = found.get(key);
      const published = { ...before?.published, [scheme]: path };
      const id = before?.id ?? idOf(place) ?? (kind === 'iso' ? relativeUrl : undefined);
      found.set(key, { kind, relativeUrl, id, published });
    });
  }
  return [...found.values()].sort((one, other) => (one.relativeUrl < other.relativeUrl ? -1 : 1));
}

interface Walk {
  readonly installation: Installation;
  readonly notes: Notes;
  readonly directory: string;
}

type Visit = (relativeUrl: string, path: string, place: Place) => void;

/** A repository is a link to its tree, or a directory with the metadata of one. */
async function walk(parts: Walk, at: string, visit: Visit): Promise<void> {
  const { installation, notes, directory } = parts;
  if (at.split('/').length > publishedDepthMax) {
    notes.add('not carried over', `${installation.onHost(directory + at)} is too deep`);
    return;
  }
  for (const { name, kind } of await installation.list(directory + at)) {
    if (kind !== 'directory' && kind !== 'link') continue;
    const path = `${directory}${at}/${name}`;
    const place = await installation.find(path);
    if (kind === 'link' && place === undefined) {
      notes.add('not carried over', `${installation.onHost(path)} is a link that leads nowhere`);
    } else if (place?.kind === 'directory') {
      const isRepository = kind === 'link' || (await hasMetadata(installation, path));
      if (isRepository) visit(`${at}/${name}`.slice(1), path, place);
      // What lies in a repository that is no link might be one with a CA of its own.
      if (kind === 'directory') await walk(parts, `${at}/${name}`, visit);
    }
  }
}

async function hasMetadata(installation: Installation, directory: string): Promise<boolean> {
  for (const name of ['repodata', 'PULP_MANIFEST']) {
    if ((await installation.find(`${directory}/${name}`)) !== undefined) return true;
  }
  return false;
}

/** Trees are published as `master/<distributor>/<repository>/<time>`. */
function idOf({ path }: Place): string | undefined {
  return /\/master\/[^/]+\/([^/]+)\/[^/]+$/.exec(path)?.[1];
}
