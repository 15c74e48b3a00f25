/** How long each worker goes on to let in what a change has ended, as a client sees it. */

import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/processes.ts';
import { patienceMs } from './pool.ts';

/** How many of all the looks of all workers may be late, on a machine that does other work. */
export const lateMax = 1;

export interface EndingChange {
  /** For messages, as `a disabled user`. */
  readonly what: string;
  /** Of all workers of all instances. */
  readonly sockets: readonly string[];
  readonly isAllowed: (socket: string) => Promise<boolean>;
  /** Resolves when the change is acknowledged. */
  readonly make: () => Promise<unknown>;
}

/** For each worker, until when after the acknowledgement it still let in, in milliseconds. */
export async function delaysOf(change: EndingChange): Promise<readonly number[]> {
  const { what, sockets, isAllowed, make } = change;
  for (const socket of sockets) {
    await until(`${what} was let in before`, () => isAllowed(socket), patienceMs);
  }
  // Changes come at different moments between two looks.
  await sleep(Math.random() * 250);
  await make();
  const acknowledged = performance.now();
  return Promise.all(
    sockets.map(async (socket) => {
      let last = acknowledged;
      await until(
        `${what} is refused`,
        async () => {
          const begun = performance.now();
          const allowed = await isAllowed(socket);
          if (allowed) last = begun;
          return !allowed;
        },
        patienceMs,
      );
      return last - acknowledged;
    }),
  );
}
