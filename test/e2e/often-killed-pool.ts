/** The times of a pool whose workers are often killed: none of them has died early. */

import * as real from '../../src/workers/decisions/timing.ts';

export const { drainSecondsMax } = real;

export const defaultTiming: real.Timing = { ...real.defaultTiming, earlyDeathMs: 0 };
