/** Policies that have a name, to be referred to from others. */

import type { NamedPolicy } from '../configuration.ts';
import type { Kind } from '../kind.ts';
import type { Place } from '../place.ts';
import { policy, policyName } from '../policy.ts';
import { isMapping } from '../setting.ts';

/** How many policies with a name one configuration may have. */
export const policiesMax = 10_000;

/** Policies are written in the file alone. */
export const policies: Kind<readonly NamedPolicy[]> = {
  expected: `a mapping of at most ${policiesMax} names to policies`,
  parse: (raw, place) => {
    if (!isMapping(raw) || Object.keys(raw).length > policiesMax) {
      return place.refuse(raw, policies.expected);
    }
    const items = Object.entries(raw).map(([name, each]) => parseNamed(name, each, place));
    return items.every((each) => each !== undefined) ? items : undefined;
  },
};

function parseNamed(raw: string, written: unknown, place: Place): NamedPolicy | undefined {
  const own = place.child(raw);
  if (policyName.parse(raw, own) === undefined) return undefined;
  const access = policy.parse(written, own);
  return access && { name: raw, access };
}
