/** What is served, and to whom. */

import type { DistributionConfiguration } from '../configuration.ts';
import type { Kind } from '../kind.ts';
import { rootDirectory } from '../kinds/files.ts';
import { boolean } from '../kinds/scalars.ts';
import { relativeUrl } from '../kinds/urls.ts';
import type { Place } from '../place.ts';
import { policy } from '../policy.ts';
import { group, optionalSetting, readGroup, requiredSetting, setting } from '../setting.ts';

/** How many distributions one configuration may declare. */
export const distributionsMax = 100_000;

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
    description: 'The policy: who may read it. Left out, nobody may.',
    example: { any: [{ address: { allow: ['10.20.0.0/16'] } }, { password: { file: 'users' } }] },
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
    refuseDuplicates(items, place);
    return items.every((each) => each !== undefined) ? items : undefined;
  },
};

function refuseDuplicates(
  items: readonly (DistributionConfiguration | undefined)[],
  place: Place,
): void {
  const seen = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    if (item === undefined) continue;
    const first = seen.get(item.relativeUrl);
    if (first === undefined) seen.set(item.relativeUrl, index);
    else {
      place
        .child(index)
        .child('relativeUrl')
        .report(
          `Cannot use ${item.relativeUrl}: distributions[${first}] has it; each needs its own`,
        );
    }
  }
}
