/** What the policies that were made of one tree stand for, and what stands in for them. */

import { type PolicyAt, policiesByPath } from '../access/path-policies.ts';
import type { Policy } from '../access/policy.ts';
import type { Made } from './live-value.ts';
import type { WrittenAccess } from './written-tree.ts';

/** The same with another value, closed as one. */
export function mapMade<From, To>(made: Made<From>, map: (value: From) => To): Made<To> {
  return { value: map(made.value), [Symbol.asyncDispose]: () => made[Symbol.asyncDispose]() };
}

/** The policies of what nobody may read. */
export const nobody: PolicyAt = () => ({ policyPath: '/', policy: undefined });

/** The policy of a tree that is one. */
export function onlyOf(policies: readonly Policy[]): Policy {
  return at(policies, 0);
}

/** @param policies of all trees in `written`, in their order */
export function byPath(written: WrittenAccess, policies: readonly Policy[]): PolicyAt {
  const { access, paths } = written;
  const before = access === undefined ? 0 : 1;
  const ofPaths = paths.map(({ path }, index) => ({ path, policy: at(policies, before + index) }));
  return policiesByPath(access === undefined ? undefined : at(policies, 0), ofPaths);
}

/** One that is missing would leave its path to the policy of the whole. */
function at(policies: readonly Policy[], index: number): Policy {
  const policy = policies[index];
  if (policy === undefined) throw new TypeError('not each tree was made a policy');
  return policy;
}

/** Where the access of a distribution stands, for messages. */
export function placeOf(distribution: string): string {
  return `access of ${distribution} in the store`;
}

export function unusable(at: string, reason: string): Policy {
  return { type: 'unusable', at, reason };
}
