/** Many deaths, with pauses in which everything has to be right. */

import { setTimeout as sleep } from 'node:timers/promises';
import { randomSource } from '../support/random.ts';
import { type Actor, FileActor, OrphanActor } from './crash-actors.ts';
import { crashPools, startCrashSite } from './crash-site.ts';
import { YumActor } from './crash-yum.ts';

export interface CrashRun {
  readonly kills: number;
  /** Deaths between two pauses. */
  readonly killsPerRound: number;
  readonly seed: number;
  /** Groups of the configuration besides, as `store`. */
  readonly settings?: object;
  readonly onRound?: (figures: CrashFigures) => void;
}

export interface CrashFigures {
  readonly kills: number;
  /** Things that were done, and held against what was there afterwards. */
  readonly acts: number;
  readonly seconds: number;
}

/** @throws AssertionError for anything that was lost, or that is not as it should be */
export async function runCrashes(run: CrashRun): Promise<CrashFigures> {
  const { kills, killsPerRound, seed, settings, onRound } = run;
  const start = performance.now();
  await using site = await startCrashSite(settings);
  const random = randomSource(seed);
  const files = ['first', 'second', 'third'].map((name) => new FileActor(site, name, random));
  const yum = new YumActor(site, random);
  for (const actor of [...files, yum]) await actor.begin();
  const actors: readonly Actor[] = [...files, yum, new OrphanActor(site)];
  let [killed, acts] = [0, 0];
  const seconds = () => (performance.now() - start) / 1000;
  while (killed < kills) {
    const end = Math.min(kills, killed + killsPerRound);
    const working = actors.map(async (actor) => {
      do {
        await actor.act();
        acts += 1;
        // Whoever has nothing to wait for leaves the others their turn.
        await sleep(20);
      } while (killed < end);
    });
    const killing = crashPools.map(async (pool) => {
      while (killed < end) {
        killed += 1;
        await site.kill(pool, random(1000) / 500);
      }
    });
    await Promise.all([...working, ...killing]);
    await site.instance.whole(2);
    await site.expectClean();
    onRound?.({ kills: killed, acts, seconds: seconds() });
  }
  return { kills: killed, acts, seconds: seconds() };
}
