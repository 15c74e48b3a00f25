/** Trees of our own: the published ones without links, in which each file is a hard link. */

import { link, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { PortcullisError, systemCodeOf, systemReason } from '../errors.ts';
import type { Distribution } from './distributions.ts';
import type { Installation } from './installation.ts';
import type { Notes } from './notes.ts';
import { walkTree } from './published-tree.ts';

export interface TreeParts {
  readonly installation: Installation;
  /** With roots below the directory of the trees. */
  readonly distributions: readonly Distribution[];
  readonly notes: Notes;
}

/**
 * Costs no space, because Pulp never writes into a file that it has published. What was not downloaded
 * yet is noted.
 *
 * @param directory of all trees, which is made; it goes again when one of them cannot be made
 * @throws PortcullisError FILE_UNWRITABLE when it is there already, or a tree cannot be made
 */
export async function buildTrees(
  directory: string,
  { installation, distributions, notes }: TreeParts,
): Promise<void> {
  await using undo = new AsyncDisposableStack();
  await makeDirectory(path.dirname(directory));
  await makeNewDirectory(directory);
  undo.defer(() => rm(directory, { recursive: true }));
  for (const distribution of distributions) {
    const missing = await buildTree(installation, distribution);
    if (missing.length === 0) continue;
    notes.add(
      'not carried over',
      `${missing.length} of its files were not downloaded, as ${missing[0]}: let Pulp download them and import once more`,
      distribution.relativeUrl,
    );
  }
  undo.move();
}

/** @returns the paths of what leads nowhere */
async function buildTree(
  installation: Installation,
  { root, source, isListing }: Distribution,
): Promise<readonly string[]> {
  const missing: string[] = [];
  await makeDirectory(root);
  const entries = isListing ? listingFiles(installation, source) : walkTree(installation, source);
  for await (const { path: file, place } of entries) {
    if (place === undefined) missing.push(file);
    else await linkFile(installation.onHost(place.path), path.join(root, file));
  }
  return missing;
}

/** Above repositories there are directories and `listing` files; a link is a repository. */
async function* listingFiles(
  installation: Installation,
  source: Distribution['source'],
  at = '',
): ReturnType<typeof walkTree> {
  for (const { name, kind } of await installation.list(`${source.path}${at}`)) {
    if (kind === 'directory') yield* listingFiles(installation, source, `${at}/${name}`);
    if (kind !== 'file' || name !== 'listing') continue;
    const file = `${at}/${name}`;
    yield { path: file.slice(1), place: { path: source.path + file, kind: 'file' } };
  }
}

async function linkFile(existing: string, created: string): Promise<void> {
  try {
    await makeDirectory(path.dirname(created));
    await link(existing, created);
  } catch (error) {
    if (error instanceof PortcullisError) throw error;
    const reason =
      systemCodeOf(error) === 'EXDEV'
        ? `${existing} is on another file system; name a directory on that one`
        : systemReason(error);
    throw unwritable(created, reason);
  }
}

async function makeNewDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory);
  } catch (error) {
    const isThere = systemCodeOf(error) === 'EEXIST';
    throw unwritable(directory, isThere ? 'it is there already' : systemReason(error));
  }
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw unwritable(directory, systemReason(error));
  }
}

function unwritable(file: string, reason: string): PortcullisError {
  return new PortcullisError('FILE_UNWRITABLE', `Cannot make ${file}: ${reason}`);
}
