/** What is served, and to whom. */

import type { DistributionConfiguration, PathPolicy } from '../configuration.ts';
import type { Kind } from '../kind.ts';
import { rootDirectory } from '../kinds/files.ts';
import { boolean } from '../kinds/scalars.ts';
import { relativeUrl } from '../kinds/urls.ts';
import type { Place } from '../place.ts';
import { policy } from '../policy.ts';
import { group, optionalSetting, readGroup, requiredSetting, setting } from '../setting.ts';

/** How many distributions one configuration may declare. */
export const distributionsMax = 100_000;

/** How many paths of one distribution may have a policy of their own. */
export const policyPathsMax = 1000;

const pathGroup = group('One path.', {
  path: requiredSetting(relativeUrl, {
    description: 'Where in the distribution it begins. It is all that lies below, whole segments.',
    example: 'private/rpms',
  }),
  access: requiredSetting(policy, {
    description: 'The policy: who may read it. It decides alone.',
    example: 'public',
  }),
});

/** The paths of one distribution. */
export const policyPaths: Kind<readonly PathPolicy[]> = {
  expected: `a list of at most ${policyPathsMax} paths, each with its access`,
  parse: (raw, place) => {
    if (!Array.isArray(raw) || raw.length > policyPathsMax) {
      return place.refuse(raw, policyPaths.expected);
    }
    const items = raw.map((each, index) =>
      readGroup(pathGroup, each, place.child(index), new Map()),
    );
    refuseDuplicates(items, 'path', place);
    return items.every((each) => each !== undefined) ? items : undefined;
  },
};

export const distributionGroup = group('One distribution.', {
  relativeUrl: requiredSetting(relativeUrl, {
    description:
      'Where it is served below each of content.prefixes. One may lie in another: the longest match of whole segments wins.',
    example: 'acme/el9',
  }),
  root: requiredSetting(rootDirectory, {
    description: 'The directory that is served.',
    example: '/srv/repos/acme-el9',
  }),
  listing: setting(boolean, {
    description: 'Whether directories are listed to those who may read them.',
    default: false,
    example: true,
  }),
  access: optionalSetting(policy, {
    description:
      'The policy: who may read it. Where neither this nor paths is written, the store says it, if there is one (docs/policies.md); otherwise nobody may.',
    example: { any: [{ address: { allow: ['10.20.0.0/16'] } }, { password: { file: 'users' } }] },
  }),
  paths: setting(policyPaths, {
    description:
      'Paths with a policy of their own. The longest that a request lies in decides alone; access is for what lies in none.',
    default: [],
    example: [{ path: 'private', access: { policy: 'customers' } }],
  }),
});

/** Distributions are written in the file alone. */
export const distributions: Kind<readonly DistributionConfiguration[]> = {
  expected: `a list of at most ${distributionsMax} distributions`,
  parse: (raw, place) => {
    if (!Array.isArray(raw) || raw.length > distributionsMax) {
      return place.refuse(raw, distributions.expected);
    }
    const items = raw.map((each, index) =>
      readGroup(distributionGroup, each, place.child(index), new Map()),
    );
    refuseDuplicates(items, 'relativeUrl', place);
    return items.every((each) => each !== undefined) ? items : undefined;
  },
};

function refuseDuplicates<Name extends string>(
  items: readonly (Readonly<Record<Name, string>> | undefined)[],
  name: Name,
  place: Place,
): void {
  const seen = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    if (item === undefined) continue;
    const first = seen.get(item[name]);
    if (first === undefined) seen.set(item[name], index);
    else {
      const other = place.child(first).at;
      const message = `Cannot use ${item[name]}: ${other} has it; each needs its own`;
      place.child(index).child(name).report(message);
    }
  }
}
