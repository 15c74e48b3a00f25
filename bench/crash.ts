/** So many deaths of workers of a whole instance with repositories: what was lost, which is nothing. */

import { type CrashFigures, runCrashes } from '../test/e2e/crash-run.ts';
import { signingKey } from '../test/support/signing-key.ts';
import { temporaryDirectory } from '../test/support/temporary.ts';
import { printRow } from './rounds.ts';

const killsPerRound = 20;
const widths = [8, 28, 10];

/** @throws AssertionError for anything that was lost, or that is not as it should be */
export async function measureCrashes(kills: number): Promise<void> {
  using directory = temporaryDirectory();
  const { keyFile: gpgKeyFile } = await signingKey(directory);
  const settings = { repositories: { access: 'public', gpgKeyFile } };
  printRow(['kills', 'acts held to what is there', 'seconds'], widths);
  const onRound = ({ kills: killed, acts, seconds }: CrashFigures): void =>
    printRow([String(killed), String(acts), seconds.toFixed(0)], widths);
  await runCrashes({ kills, killsPerRound, seed: Date.now(), settings, onRound });
}
