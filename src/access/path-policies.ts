/** Which policy of a distribution decides about a path in it. */

import { segmentPrefixes } from '../http/canonical-path.ts';
import type { Policy } from './policy.ts';

/** The policy that decides, alone. */
export interface DecidingPolicy {
  /** Where in the distribution it begins: `/`, or as `/private`. */
  readonly policyPath: string;
  /** Whether no other policy decides about any path of the distribution; absent where that is not known. */
  readonly isAlone?: boolean;
  /** Undefined: nobody has access. */
  readonly policy: Policy | undefined;
}

/** @param path in the distribution, as of the request or of what was found: begins with a slash */
export type PolicyAt = (path: string) => DecidingPolicy;

/**
 * Finds the policy by the longest prefix of whole segments, byte for byte, as distributions are found
 * (T24, T30): what a look-up costs does not grow with the number of paths.
 *
 * @param own for what lies in none of the paths
 * @param paths without a leading or trailing slash, each once
 */
export function policiesByPath(
  own: Policy | undefined,
  paths: readonly { readonly path: string; readonly policy: Policy }[],
): PolicyAt {
  const isAlone = paths.length === 0;
  const whole: DecidingPolicy = { policyPath: '/', isAlone, policy: own };
  if (isAlone) return () => whole;
  const byPath = new Map<string, DecidingPolicy>(
    paths.map(({ path, policy }) => [`/${path}`, { policyPath: `/${path}`, isAlone, policy }]),
  );
  const segmentsMax = Math.max(...paths.map(({ path }) => path.split('/').length));
  return (path) => {
    let deciding = whole;
    for (const prefix of segmentPrefixes(path, segmentsMax)) {
      deciding = byPath.get(prefix) ?? deciding;
    }
    return deciding;
  };
}
