/**
 * A token in the path, for clients that can send one nowhere else: the first segment in the distribution,
 * as in `/acme/el9/pct_…/repodata/repomd.xml`. It is taken out before anything is decided or looked for.
 */

import { namesDepthMax } from '../access/evaluate.ts';
import type { Policy } from '../access/policy.ts';
import { withoutSegment } from '../http/canonical-path.ts';
import { tokenPattern } from '../token-form.ts';
import type { Served, Target } from './decide.ts';
import type { Resolver } from './resolve.ts';

/**
 * The target without the token in its path; undefined when there is none in it, or when no rule that
 * decides about what is left looks at it: such a path is as any other.
 *
 * What is left must be of the same distribution by itself. Where another one is served there, a token
 * would lead to its files around its policy (T24).
 *
 * @param rawTarget as it was sent: a token that was escaped there is none, because no log would mask it
 */
export function withoutPathToken(
  { path, pathInDistribution, distribution }: Target,
  rawTarget: string,
  resolve: Resolver<Served>,
): Target | undefined {
  const end = pathInDistribution.indexOf('/', 1);
  const token = pathInDistribution.slice(1, end);
  if (end === -1 || !tokenPattern.test(token) || !isLiteral(token, rawTarget)) return undefined;
  const left = withoutSegment(path, path.length - pathInDistribution.length + 1);
  const resolved = resolve(left);
  if (resolved?.distribution !== distribution) return undefined;
  const deciding = distribution.policyAt(resolved.pathInDistribution);
  if (!takesPathToken(deciding.policy)) return undefined;
  return { path: left, pathToken: token, ...resolved, ...deciding };
}

function isLiteral(token: string, rawTarget: string): boolean {
  const [rawPath = ''] = rawTarget.split('?', 1);
  return rawPath.includes(token);
}

function takesPathToken(policy: Policy | undefined, names = 0): boolean {
  switch (policy?.type) {
    case 'rule':
      return policy.authorizer.takesPathToken ?? false;
    case 'not':
      return takesPathToken(policy.child, names);
    case 'any':
    case 'all':
      return policy.children.some((child) => takesPathToken(child, names));
    case 'policy':
      return names < namesDepthMax && takesPathToken(policy.current(), names + 1);
    default:
      return false;
  }
}
