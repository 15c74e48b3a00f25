/** Where a request leads after all: another worker may have told of what this one has not heard of. */

import { locate, type NoTarget, type Served, type Target } from './decide.ts';
import type { Resolver } from './resolve.ts';

/**
 * Reads what is served by now, where the store may have something at the path; resolves once a reading that
 * began after the call has ended, or has failed.
 */
export type Learn = (path: string) => Promise<void>;

/** @param missed what {@link locate} said; only where that is "nothing is here" something is read */
export async function locateAgain(
  missed: NoTarget,
  rawTarget: string,
  parts: { readonly resolve: Resolver<Served>; readonly learn?: Learn | undefined },
  secure: boolean,
): Promise<Target | NoTarget> {
  const { refusal, path } = missed;
  if (parts.learn === undefined || path === undefined || refusal.code !== 'NOT_FOUND') {
    return missed;
  }
  await parts.learn(path);
  return locate(rawTarget, parts.resolve, secure);
}
