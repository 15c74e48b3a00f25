import assert from 'node:assert/strict';
import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { HandOff } from '../../src/config/configuration.ts';
import { contentPrefix, fetchRaw, startContentListener } from '../support/content.ts';
import { startNginxFront } from '../support/content-fronts.ts';
import { needs } from '../support/needs.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const swaps = 1000;
const size = 300_000;
const published = ['a', 'b'].map((letter) => letter.repeat(size));
const canary = 'c'.repeat(size);

interface Replacement {
  readonly what: string;
  /** Statuses besides 200. */
  readonly refusals: readonly number[];
  /** Changes names below `directory` by rename alone; called with 0, 1, 2, … */
  replace(directory: string, round: number): void;
}

const replacements: readonly Replacement[] = [
  {
    what: 'another file',
    refusals: [],
    replace: (directory, round) => {
      writeFileSync(`${directory}/next`, published[round % 2] ?? '');
      renameSync(`${directory}/next`, `${directory}/first/dir/file`);
    },
  },
  {
    what: 'the same of another publication',
    refusals: [],
    replace: (directory, round) => {
      symlinkSync(round % 2 === 0 ? 'second' : 'first', `${directory}/next`);
      renameSync(`${directory}/next`, `${directory}/root`);
    },
  },
  {
    what: 'a link that leaves the root, and back',
    refusals: [403, 404],
    replace: (directory, round) => {
      const next = `${directory}/first/next`;
      if (round % 2 === 0) symlinkSync('../../outside/file', next);
      else writeFileSync(next, published[0] ?? '');
      renameSync(next, `${directory}/first/dir/file`);
    },
  },
  {
    what: 'one below a directory that is a link out of the root, and back',
    refusals: [403, 404],
    replace: (directory, round) => {
      const current = `${directory}/first/dir`;
      if (round % 2 === 0) {
        renameSync(current, `${directory}/first/kept`);
        symlinkSync('../outside', current);
      } else {
        unlinkSync(current);
        renameSync(`${directory}/first/kept`, current);
      }
    },
  },
];

for (const handOff of ['stream', 'x-accel-redirect'] as const) {
  describe(`deliver by ${handOff} while names change`, { skip: skipFor(handOff) }, () => {
    for (const { what, refusals, replace } of replacements) {
      it(`T39a sends one published file or none when its place is taken by ${what}`, async () => {
        using directory = temporaryDirectory();
        layOut(directory.file);
        const distributions = [{ relativeUrl: 'd', root: directory.file('root'), listing: false }];
        await using listener = await startContentListener({ distributions, handOff });
        await using front =
          handOff === 'stream' ? undefined : await startNginxFront(listener, distributions);
        const port = front?.port ?? listener.port;

        let swapping = true;
        const clients = Array.from({ length: 4 }, () => download(port, refusals, () => swapping));
        for (let round = 0; round < swaps; round += 1) {
          replace(directory.path, round);
          await setImmediate();
        }
        swapping = false;
        const whole = (await Promise.all(clients)).reduce((sum, count) => sum + count, 0);
        assert.ok(whole > 0, 'no download at all');
      });
    }
  });
}

function skipFor(handOff: HandOff): string | false {
  return handOff === 'stream' ? false : needs('nginx');
}

function layOut(file: (name: string) => string): void {
  for (const [index, publication] of ['first', 'second'].entries()) {
    mkdirSync(file(`${publication}/dir`), { recursive: true });
    writeFileSync(file(`${publication}/dir/file`), published[index] ?? '');
  }
  mkdirSync(file('outside'));
  writeFileSync(file('outside/file'), canary);
  symlinkSync('first', file('root'));
}

/** Downloads until told otherwise; counts the whole files. */
async function download(
  port: number,
  refusals: readonly number[],
  goOn: () => boolean,
): Promise<number> {
  let whole = 0;
  do {
    const { status, body } = await fetchRaw(port, `${contentPrefix}d/dir/file`);
    if (status === 200) {
      assert.ok(published.includes(body.toString()), `${body.length} bytes of no published file`);
      whole += 1;
    } else {
      assert.ok(refusals.includes(status), `status ${status}`);
    }
  } while (goOn());
  return whole;
}
