/** A walk over a published tree, whose packages are links into Pulp's content storage. */

import type { Installation, Place } from './installation.ts';

/** How many directories deep a tree may be. */
export const treeDepthMax = 64;

/** Of what is neither file nor directory at its end there is no place. */
export interface TreeEntry {
  /** Relative to the tree, as `Packages/a/a.rpm`. */
  readonly path: string;
  /** What is there, links followed; undefined for a link that leads nowhere. */
  readonly place: Place | undefined;
}

/**
 * Files, and links to files, depth first by name. A link to a directory is walked as one.
 *
 * @throws PortcullisError FILE_UNREADABLE when a directory cannot be read
 */
export async function* walkTree(
  installation: Installation,
  tree: Place,
  at = '',
): AsyncGenerator<TreeEntry> {
  if (at.split('/').length > treeDepthMax) {
    yield { path: at, place: undefined };
    return;
  }
  for (const { name } of await installation.list(`${tree.path}/${at}`)) {
    const path = at === '' ? name : `${at}/${name}`;
    const place = await installation.find(`${tree.path}/${path}`);
    if (place?.kind === 'directory') yield* walkTree(installation, tree, path);
    else yield { path, place: place?.kind === 'file' ? place : undefined };
  }
}

/** How many entries of a tree are looked at for one that leads out of it. */
const lookedAtMax = 10_000;

/** Whether a file of the tree, among the first {@link lookedAtMax}, is really outside of it. */
export async function leadsOut(installation: Installation, tree: Place): Promise<boolean> {
  let looked = 0;
  for await (const { place } of walkTree(installation, tree)) {
    if (place !== undefined && !place.path.startsWith(`${tree.path}/`)) return true;
    looked += 1;
    if (looked >= lookedAtMax) return false;
  }
  return false;
}
