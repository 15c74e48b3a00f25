/** Requests a second, from one status to the next. */

import type { PortcullisStatus } from '../../metrics/portcullis-status.ts';
import type { Rates } from './table.ts';

/** @returns what makes the rates of each status that follows the one before */
export function createRateMeter(now: () => number = () => performance.now()) {
  let before: { readonly at: number; readonly requests: ReadonlyMap<number, number> } | undefined;
  return ({ workers }: PortcullisStatus): Rates => {
    const at = now();
    const requests = new Map(workers.map((worker) => [worker.pid, worker.requests]));
    const last = before;
    before = { at, requests };
    if (last === undefined || at <= last.at) return new Map();
    const seconds = (at - last.at) / 1000;
    return new Map(
      [...requests].map(([pid, count]) => {
        // A process that was not there before has counted from its start.
        const since = Math.max(0, count - (last.requests.get(pid) ?? 0));
        return [pid, since / seconds];
      }),
    );
  };
}
