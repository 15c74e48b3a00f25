/** How many workers `auto` is. */

import { availableParallelism } from 'node:os';
import { workersMax } from './kinds/workers.ts';

/** One worker for each core that this process may use, where the number is not written. */
export function workerCount(workers: number | 'auto'): number {
  return workers === 'auto' ? Math.min(availableParallelism(), workersMax) : workers;
}
