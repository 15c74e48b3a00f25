/** The listing of protected repositories: lines of a relative path, a comma, and the repository's id. */

import type { Installation } from './installation.ts';
import type { Notes } from './notes.ts';
import { publishedPath } from './published-path.ts';

/** The longest listing, in bytes. */
export const listingBytesMax = 32 * 1024 * 1024;

/** Ids of repositories by the path under which they are protected, as it is published. */
export type ProtectedListing = ReadonlyMap<string, string>;

/**
 * A listing that is not there is empty, as for Pulp.
 *
 * @throws PortcullisError FILE_UNREADABLE when it cannot be read: nobody knows then what is protected
 */
export async function readProtectedListing(
  installation: Installation,
  file: string,
  notes: Notes,
): Promise<ProtectedListing> {
  const text = await installation.readText(file, listingBytesMax);
  const listing = new Map<string, string>();
  for (const [index, line] of (text ?? '').split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [path = '', id = '', ...rest] = line.split(',').map((part) => part.trim());
    const key = publishedPath(path);
    if (key !== '' && id !== '' && rest.length === 0) listing.set(key, id);
    else {
      const place = `${installation.onHost(file)}:${index + 1}`;
      notes.add(
        'not carried over',
        `${place}: the line is not a path, a comma and an id; Pulp passed it over, and whatever it meant to protect is not protected by it`,
      );
    }
  }
  return listing;
}

/**
 * The entries that Pulp may go by for a repository: it takes the first key that is anywhere in the URL,
 * in no order. The key that is the path itself counts alone.
 */
export function entriesFor(
  listing: ProtectedListing,
  relativeUrl: string,
): readonly (readonly [key: string, id: string])[] {
  const own = listing.get(relativeUrl);
  if (own !== undefined) return [[relativeUrl, own]];
  return [...listing].filter(([key]) => `/${relativeUrl}/`.includes(key));
}
