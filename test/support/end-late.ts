/**
 * Preloaded into each file of tests: ends one that something keeps alive after its tests are over, or have run
 * out of time. Without it one socket that is left open would hold the whole run.
 */

import { fileMinutesMax } from './file-minutes.ts';

/** For what tests do at their end, in minutes. */
const graceMinutes = 1;

setTimeout(
  () => {
    console.error(`Ended after ${fileMinutesMax} minutes: something keeps the file alive`);
    process.exit(1);
  },
  (fileMinutesMax + graceMinutes) * 60_000,
).unref();
