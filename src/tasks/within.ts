/** Waiting for work that may take longer than anybody waits. */

import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when `work` ends, or after that time. */
export async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  const waiting = new AbortController();
  const time = sleep(milliseconds, undefined, { signal: waiting.signal }).catch(() => {});
  await Promise.race([work, time]);
  waiting.abort();
}
