/** Whether what a repository publishes is open to everybody: to that a consumer may bind itself. */

import { asObject, parseTree, readAccess } from '../../policies/written-tree.ts';
import type { DistributionDocument } from '../../repositories/documents.ts';
import { Failure } from '../outcome.ts';
import { pathOfPlace } from '../places.ts';
import type { ConsumerParts } from './consumer-parts.ts';

type OpenParts = Pick<ConsumerParts, 'distributions' | 'play' | 'places' | 'policies'>;

/**
 * In Pulp 2 a consumer could bind itself to anything, and a binding opened nothing there. Here it opens the
 * repository by whichever distributor it is served: so all of them have to be open already.
 */
export async function isOpenToAll(repository: string, parts: OpenParts): Promise<boolean> {
  const served = await parts.distributions.ofRepository(repository);
  for (const distribution of served) {
    if (!(await isOpen(distribution, parts))) return false;
  }
  return served.length > 0;
}

/** Plays a request of somebody who shows nothing and comes from nowhere. */
async function isOpen(
  distribution: DistributionDocument,
  { play, places, policies }: OpenParts,
): Promise<boolean> {
  const access = await policies.stored.accessOf(distribution.relative_url);
  const read = access && parseTree(access.tree, (raw) => readAccess(asObject(raw), ''));
  // The whole may be open, and a path in it not.
  if (read !== undefined && !('tree' in read && read.tree.paths.length === 0)) return false;
  const target = `${encodeURI(pathOfPlace(distribution, places))}/`;
  const played = await play({ target, secure: distribution.https });
  if (played instanceof Failure || 'problem' in played) return false;
  return played.tree?.outcome === 'allow';
}
