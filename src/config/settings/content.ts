/** What requests for content look like, and their answers. */

import { dotName } from '../kinds/files.ts';
import { listOf, text, wholeNumber } from '../kinds/scalars.ts';
import { internalPathPrefix, origin, pathPrefix } from '../kinds/urls.ts';
import type { Place } from '../place.ts';
import { type GroupValue, group, optionalSetting, setting } from '../setting.ts';

const members = {
  prefixes: setting(listOf(pathPrefix, { min: 1, max: 100 }), {
    description: 'The URL paths below which every distribution of the configuration is served.',
    default: ['/pulp/repos/', '/pulp/isos/'],
    example: ['/pulp/repos/', '/pulp/isos/'],
  }),
  repositoryPrefix: setting(pathPrefix, {
    description:
      'The URL path below which packages of repositories are published. What the configuration serves goes before what is published.',
    default: '/pulp/repos/',
    example: '/pulp/repos/',
  }),
  isoPrefix: setting(pathPrefix, {
    description: 'The URL path below which files of repositories are published, as ISOs.',
    default: '/pulp/isos/',
    example: '/pulp/isos/',
  }),
  keyPrefix: setting(pathPrefix, {
    description:
      'The URL path of the keys that clients verify packages by: everybody may read them.',
    default: '/pulp/gpg/',
    example: '/pulp/gpg/',
  }),
  staticPrefix: setting(pathPrefix, {
    description:
      'The URL path of what everybody may read of the server: the CA of its certificate (api.frontAuthority), as ca.pem, and the public key of the CA of sessions, as rsa_pub.key.',
    default: '/pulp/static/',
    example: '/pulp/static/',
  }),
  origin: optionalSetting(origin, {
    description:
      'Where clients reach what is served: what stands before the path in the configuration that is written for them.',
    example: 'https://packages.example.com',
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

/** Each is for one thing alone. */
const ownPrefixes = ['repositoryPrefix', 'isoPrefix', 'keyPrefix', 'staticPrefix'] as const;

function check(content: GroupValue<typeof members>, place: Place): void {
  const { prefixes, internalPrefix, cacheControl } = content;
  refuseSharedPrefixes(content, place);
  for (const [index, prefix] of prefixes.entries()) {
    const other = prefixes.find((each, at) => at !== index && prefix.startsWith(each));
    if (other === undefined) continue;
    place
      .child('prefixes')
      .child(index)
      .report(`Cannot use ${prefix}: it lies in ${other}, so that a path could mean two things`);
  }
  const clash = [...prefixes, ...ownPrefixes.map((name) => content[name])].find((each) =>
    isOverlap(each, internalPrefix),
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

function refuseSharedPrefixes(content: GroupValue<typeof members>, place: Place): void {
  for (const [index, name] of ownPrefixes.entries()) {
    const other = ownPrefixes
      .slice(0, index)
      .find((each) => isOverlap(content[each], content[name]));
    if (other === undefined) continue;
    place
      .child(name)
      .report(
        `Cannot use ${content[name]}: it overlaps content.${other}, so that a path could mean two things`,
      );
  }
}

function isOverlap(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
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
