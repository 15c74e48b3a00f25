/** A listing for programs. */

import type { Listing } from './listing.ts';

/**
 * `{page, pages, truncated, entries: [{name, href, type, size, modified}]}`. `href` is exact for any
 * name; in `name`, a byte that is not UTF-8 is the escaped lone surrogate `\udc80`–`\udcff`, which
 * Python's `os.fsencode` turns back into the byte.
 */
export function listingJson(listing: Listing): string {
  const entries = listing.entries.map((entry) => ({
    name: entry.name,
    href: entry.href,
    type: entry.type,
    size: entry.size,
    modified: new Date(entry.modified * 1000).toISOString().replace('.000Z', 'Z'),
  }));
  const { page, pages, truncated } = listing;
  return `${JSON.stringify({ page, pages, truncated, entries })}\n`;
}
