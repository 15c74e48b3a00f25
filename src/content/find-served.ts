/** What is at a path of a distribution: in its root, or in the publications that it has. */

import { PortcullisError } from '../errors.ts';
import type { Served } from './decide.ts';
import type { Finder, Found, FoundFile } from './find.ts';
import type { Publication } from './published.ts';
import { type Refusal, refuse } from './refusal.ts';

export interface Place {
  readonly found: Found;
  /** Where a publication has it; undefined for what lies in the root of the distribution. */
  readonly published?: PublishedPlace;
}

export interface PublishedPlace {
  readonly publication: Publication;
  /**
   * Whether another publication that is served has other bytes of the same second at this path. Then a date
   * tells nothing of which of them a client has.
   */
  hasTwin(): Promise<boolean>;
}

/**
 * Looks in the present publication, then in the earlier ones, then in what the store says by now: another
 * worker may have served the metadata of a publication that this one has not heard of.
 *
 * @returns undefined when nothing is there; a refusal when what was decided is not about it any more
 * @throws PortcullisError CONTENT_UNAVAILABLE when it cannot be known
 */
export async function findServed(
  { root, stored }: Pick<Served, 'root' | 'stored'>,
  path: string,
  find: Finder,
): Promise<Place | Refusal | undefined> {
  if (stored === undefined) return placeInRoot(await find(root, path));
  const { published } = stored;
  if (published === undefined) return placeInRoot(await findWhereItLies(root, path, find));
  const known = published.publications();
  const first = await lookIn(known, path, find);
  if ('found' in first) return placeIn(first, known, path, find);
  const refreshed = await published.refresh();
  switch (refreshed.outcome) {
    case 'gone':
      return refuse('NOT_FOUND', 'the distribution is not served any more');
    case 'changed':
      return refuse('CANNOT_DECIDE', 'the distribution was changed while it was asked for');
    case 'known': {
      const { publications } = refreshed;
      const isSame = publications.every(({ id }, index) => known[index]?.id === id);
      const second = isSame ? first : await lookIn(publications, path, find);
      if ('found' in second) return placeIn(second, publications, path, find);
      if (second.fault !== undefined) throw second.fault;
      return undefined;
    }
  }
}

function placeInRoot(found: Found | undefined): Place | undefined {
  return found && { found };
}

/**
 * The root had no link in its path when it was judged: what a link there leads to since was not, and no
 * answer tells what is there (T27).
 */
async function findWhereItLies(
  root: string,
  path: string,
  find: Finder,
): Promise<Found | undefined> {
  const found = await find(root, path);
  const top = found ?? (await find(root, '/'));
  if (top?.root === root) return found;
  const state = 'a symbolic link is in its path since it was published; publish it again';
  throw new PortcullisError('CONTENT_UNAVAILABLE', `Cannot look into "${root}": ${state}`);
}

interface Hit {
  readonly found: Found;
  readonly publication: Publication;
}

/** A directory hides no file of an earlier publication: it is served to nobody. */
async function lookIn(
  publications: readonly Publication[],
  path: string,
  find: Finder,
): Promise<Hit | { readonly fault: unknown }> {
  let fault: unknown;
  let directory: Hit | undefined;
  for (const publication of publications) {
    try {
      const found = await find(publication.directory, path);
      if (found?.kind === 'file') return { found, publication };
      if (found !== undefined) directory ??= { found, publication };
    } catch (error) {
      // It may have been removed; whether it had to be there, the store says.
      fault ??= error;
    }
  }
  return directory ?? { fault };
}

function placeIn(
  { found, publication }: Hit,
  publications: readonly Publication[],
  path: string,
  find: Finder,
): Place {
  const others = publications.filter(({ id }) => id !== publication.id);
  const hasTwin = async (): Promise<boolean> => {
    if (found.kind !== 'file') return false;
    const hits = await Promise.all(others.map((other) => lookIn([other], path, find)));
    return hits.some((hit) => 'found' in hit && isTwin(hit.found, found));
  };
  return { found, published: { publication, hasTwin } };
}

function isTwin(other: Found, { modified, inode }: FoundFile): boolean {
  return other.kind === 'file' && other.modified === modified && other.inode !== inode;
}
