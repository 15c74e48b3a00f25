/** Plays requests by a policy that is not saved: what would its clients get? */

import type { ExplainQuery, Explanation, QueryProblem } from '../access/explanation.ts';
import { treesIn } from '../config/access-trees.ts';
import type { Configuration } from '../config/configuration.ts';
import type { Served } from '../content/decide.ts';
import type { Resolver } from '../content/resolve.ts';
import { messageOf, PortcullisError } from '../errors.ts';
import type { MakePolicies } from '../policies/live-policies.ts';
import { byPath } from '../policies/made.ts';
import type { WrittenAccess } from '../policies/written-tree.ts';
import type { OpenedContent } from './content-parts.ts';
import { createPlay } from './play.ts';

/**
 * Plays `query` as if the distribution that it leads to had the access `written`. Nobody is served by
 * it, and nothing of it is left afterwards.
 *
 * @throws PortcullisError POLICY_UNUSABLE when the policy cannot be made
 */
export type Preview = (
  query: ExplainQuery,
  written: WrittenAccess,
) => Promise<Explanation | QueryProblem>;

export function createPreview(
  configuration: Configuration,
  { content, memory }: Pick<OpenedContent, 'content' | 'memory'>,
  make: MakePolicies,
): Preview {
  return async (query, written) => {
    await using made = await make(treesIn(written)).catch((cause: unknown) => {
      const message = `Cannot preview the policy: ${messageOf(cause)}`;
      throw new PortcullisError('POLICY_UNUSABLE', message, { cause });
    });
    const resolve = replacePolicies(content.resolve, byPath(written, made.value));
    // A listing is of many distributions, and has no access of its own.
    const played = { ...content, resolve, below: undefined };
    const play = createPlay(configuration, { content: played, memory });
    return await play(query);
  };
}

/** Each distribution stays one: that a path without its token is of the same is seen by it. */
function replacePolicies(
  resolve: Resolver<Served>,
  policyAt: Served['policyAt'],
): Resolver<Served> {
  const replaced = new Map<Served, Served>();
  return (path) => {
    const resolved = resolve(path);
    if (resolved === undefined) return undefined;
    const { distribution } = resolved;
    const other = replaced.get(distribution) ?? { ...distribution, policyAt };
    replaced.set(distribution, other);
    return { ...resolved, distribution: other };
  };
}
