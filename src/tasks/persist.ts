/** Goes on until the store has answered: what a task came to is never given up for a store that is away. */

import { setTimeout as sleep } from 'node:timers/promises';
import { PortcullisError } from '../errors.ts';

const pauseMilliseconds = 100;
const pauseMillisecondsMax = 2000;

/**
 * Tries `work` again after each fault of the store.
 *
 * @param work may be done several times: its change compares what it depends on
 * @param signal aborted when nobody waits for it any more; then the last fault is thrown
 */
export async function persist<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  for (let pause = pauseMilliseconds; ; pause = Math.min(2 * pause, pauseMillisecondsMax)) {
    try {
      return await work();
    } catch (error) {
      if (!isStoreFault(error) || signal.aborted) throw error;
    }
    // Woken by the signal, it tries once more.
    await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
  }
}

export function isStoreFault(error: unknown): boolean {
  return error instanceof PortcullisError && error.code.startsWith('STORE_');
}
