/** Whether what a distributor publishes is open to everybody: to that a consumer may bind itself. */

import { Failure } from '../outcome.ts';
import { pathOfPlace } from '../places.ts';
import type { ConsumerParts } from './consumer-parts.ts';
import type { BoundTo } from './show-binding.ts';

/**
 * Plays a request of somebody who shows nothing and comes from nowhere. In Pulp 2 a consumer could bind
 * itself to anything, and a binding opened nothing there; here it does.
 */
export async function isOpenToAll(
  { distribution }: BoundTo,
  { play, places }: Pick<ConsumerParts, 'play' | 'places'>,
): Promise<boolean> {
  if (distribution === undefined) return false;
  const target = `${encodeURI(pathOfPlace(distribution, places))}/`;
  const played = await play({ target, secure: distribution.https });
  if (played instanceof Failure || 'problem' in played) return false;
  return played.tree?.outcome === 'allow';
}
