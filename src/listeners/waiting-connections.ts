/** Connections that the system has made and no process has accepted yet. */

import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * How long a server that is to close goes on accepting what waits, milliseconds. Where other processes
 * accept from the same socket there may always be more.
 */
export const acceptMsMax = 250;

/**
 * And how many it accepts at least, if they are there: of a listener that holds up the event loop one
 * request may take all of that time.
 */
export const acceptCountMin = 128;

/**
 * A turn of the event loop accepts one connection of those that wait; a new one may need a turn more
 * before it is seen.
 */
const quietTurns = 3;

/**
 * Resolves when no connection waits any more: to close before would reset each of them, although its
 * client may have sent its request already.
 *
 * @param countAccepted how many the server has accepted in its life
 */
export async function acceptWaiting(countAccepted: () => number): Promise<void> {
  const deadline = performance.now() + acceptMsMax;
  const atFirst = countAccepted();
  let before = atFirst;
  for (let quiet = 0; quiet < quietTurns; quiet += 1) {
    await nextTurn();
    const accepted = countAccepted();
    if (accepted - atFirst >= acceptCountMin && performance.now() >= deadline) return;
    if (accepted !== before) quiet = 0;
    before = accepted;
  }
}
