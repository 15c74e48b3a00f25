/** What requests for content look like, and their answers. */

import { dotName } from '../kinds/files.ts';
import { listOf, text, wholeNumber } from '../kinds/scalars.ts';
import { internalPathPrefix, pathPrefix } from '../kinds/urls.ts';
import type { Place } from '../place.ts';
import { type GroupValue, group, setting } from '../setting.ts';

const members = {
  prefixes: setting(listOf(pathPrefix, { min: 1, max: 100 }), {
    description: 'The URL paths below which every distribution is served.',
    default: ['/pulp/repos/', '/pulp/isos/'],
    example: ['/pulp/repos/', '/pulp/isos/'],
  }),
  internalPrefix: setting(internalPathPrefix, {
    description:
      "The front's internal location that X-Accel-Redirect points into; no client can request it.",
    default: '/portcullis-internal/',
    example: '/portcullis-internal/',
  }),
  visibleDotNames: setting(listOf(dotName, { max: 1000 }), {
    description: 'Files whose names begin with a dot are hidden, except for these.',
    default: ['.treeinfo', '.discinfo'],
    example: ['.treeinfo'],
  }),
  listingPageEntries: setting(wholeNumber(1, 1000), {
    description: 'How much one page of a directory listing shows.',
    unit: 'entries',
    default: 1000,
    example: 200,
  }),
  rangesMax: setting(wholeNumber(1, 1000), {
    description: 'How many byte ranges one request may ask for; with more it gets the whole file.',
    unit: 'ranges',
    default: 200,
    example: 200,
  }),
  cacheControl: setting(text('printable ASCII text', /[\x21-\x7e][\x20-\x7e]{0,199}/), {
    description:
      'Cache-Control of everything that a policy allowed. It has to keep shared caches away.',
    default: 'private, no-cache',
    example: 'private, max-age=60',
  }),
};

export const contentGroup = group(
  'What requests for content look like, and their answers.',
  members,
  check,
);

function check(content: GroupValue<typeof members>, place: Place): void {
  const { prefixes, internalPrefix, cacheControl } = content;
  for (const [index, prefix] of prefixes.entries()) {
    const other = prefixes.find((each, at) => at !== index && prefix.startsWith(each));
    if (other === undefined) continue;
    place
      .child('prefixes')
      .child(index)
      .report(`Cannot use ${prefix}: it lies in ${other}, so that a path could mean two things`);
  }
  const clash = prefixes.find(
    (each) => each.startsWith(internalPrefix) || internalPrefix.startsWith(each),
  );
  if (clash !== undefined) {
    place
      .child('internalPrefix')
      .report(`Cannot use ${internalPrefix}: it overlaps the content prefix ${clash}`);
  }
  if (!isKeptFromSharedCaches(cacheControl)) {
    place
      .child('cacheControl')
      .report(
        `Cannot use ${cacheControl}: a shared cache could give one client's content to another; expected private or no-store, and neither public nor s-maxage`,
      );
  }
}

/** RFC 9111 section 5.2.2: what a shared cache must not store (T65). */
function isKeptFromSharedCaches(cacheControl: string): boolean {
  const directives = cacheControl
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim());
  const isKept = directives.some((each) => each === 'private' || each === 'no-store');
  return isKept && !directives.some((each) => each === 'public' || each.startsWith('s-maxage'));
}
