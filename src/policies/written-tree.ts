/** Policies as the API and the store have them, read as those of the configuration are. */

import type { PathPolicy } from '../config/configuration.ts';
import { Place } from '../config/place.ts';
import { policy } from '../config/policy.ts';
import { referencesIn } from '../config/policy-references.ts';
import { isMapping } from '../config/setting.ts';
import { policyPaths } from '../config/settings/distributions.ts';
import { messageOf } from '../errors.ts';
import type { PolicyNode, Problem } from '../model.ts';

/** The access of a distribution: a policy for the whole, and those of paths in it. */
export interface WrittenAccess {
  /** Undefined: nobody may read what lies in none of the paths. */
  readonly access: PolicyNode | undefined;
  readonly paths: readonly PathPolicy[];
}

export type ReadTree<Tree> = { readonly tree: Tree } | { readonly problems: readonly Problem[] };

/** @param at where it stands, for messages */
export function readPolicy(raw: unknown, at: string): ReadTree<PolicyNode> {
  const problems: Problem[] = [];
  const tree = policy.parse(raw, placeAt(at, problems));
  return tree === undefined || problems.length > 0 ? { problems } : { tree };
}

/**
 * @param raw `access` and `paths`, of which either may be missing or null
 * @param at where it stands, for messages; empty where its members stand by themselves
 */
export function readAccess(
  raw: { readonly access?: unknown; readonly paths?: unknown },
  at: string,
): ReadTree<WrittenAccess> {
  const problems: Problem[] = [];
  const place = placeAt(at, problems);
  const { access: own, paths: byPath } = raw;
  const access = own == null ? undefined : policy.parse(own, place.child('access'));
  const paths = policyPaths.parse(byPath ?? [], place.child('paths'));
  return paths === undefined || problems.length > 0 ? { problems } : { tree: { access, paths } };
}

/** The names that trees refer to, each once. */
export function namesIn(trees: readonly PolicyNode[]): readonly string[] {
  return [...new Set(trees.flatMap(referencesIn).map(({ name }) => name))];
}

/** Nothing in a policy of the store is a path: where relative ones would start makes no difference. */
function placeAt(at: string, problems: Problem[]): Place {
  return new Place(at, '/', problems);
}

/** What stands in a document, which may have been written by anything. */
export function asObject(raw: unknown): { readonly access?: unknown; readonly paths?: unknown } {
  if (isMapping(raw)) return raw;
  throw new Error('it is no mapping');
}

/** Reads a tree as it is kept. @param text as JSON */
export function parseTree<Tree>(
  text: string,
  read: (raw: unknown) => ReadTree<Tree>,
): { readonly tree: Tree } | { readonly reason: string } {
  try {
    const result = read(JSON.parse(text));
    if ('tree' in result) return result;
    return { reason: result.problems.map(({ at, message }) => `${at}: ${message}`).join('; ') };
  } catch (error) {
    return { reason: `its text cannot be read: ${messageOf(error)}` };
  }
}
