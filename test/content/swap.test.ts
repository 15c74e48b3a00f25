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

/** What takes the place of a file or of a directory above it, by rename alone. */
const replacements = {
  'another file': (directory: string, round: number) => {
    writeFileSync(`${directory}/root/next`, published[round % 2] ?? '');
    renameSync(`${directory}/root/next`, `${directory}/root/dir/file`);
  },
  'a link that leaves the root, and back': (directory: string, round: number) => {
    const next = `${directory}/root/next`;
    if (round % 2 === 0) symlinkSync('../../outside/file', next);
    else writeFileSync(next, published[0] ?? '');
    renameSync(next, `${directory}/root/dir/file`);
  },
  'a directory that is a link out of the root, and back': (directory: string, round: number) => {
    const current = `${directory}/root/dir`;
    if (round % 2 === 0) {
      renameSync(current, `${directory}/root/kept`);
      symlinkSync('../outside', current);
    } else {
      unlinkSync(current);
      renameSync(`${directory}/root/kept`, current);
    }
  },
} as const;

for (const handOff of ['stream', 'x-accel-redirect'] as const) {
  describe(`deliver by ${handOff} while names change`, { skip: skipFor(handOff) }, () => {
    for (const [what, replace] of Object.entries(replacements)) {
      it(`T39a sends one published file or none when its place is taken by ${what}`, async () => {
        using directory = temporaryDirectory();
        mkdirSync(directory.file('root/dir'), { recursive: true });
        mkdirSync(directory.file('outside'));
        writeFileSync(directory.file('root/dir/file'), published[0] ?? '');
        writeFileSync(directory.file('outside/file'), canary);
        const distributions = [{ relativeUrl: 'd', root: directory.file('root'), listing: false }];
        await using listener = await startContentListener({ distributions, handOff });
        await using front =
          handOff === 'stream' ? undefined : await startNginxFront(listener, distributions);
        const port = front?.port ?? listener.port;

        let swapping = true;
        const clients = Array.from({ length: 4 }, () => download(port, () => swapping));
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

/** Downloads until told otherwise; counts the whole files. */
async function download(port: number, goOn: () => boolean): Promise<number> {
  let whole = 0;
  do {
    const { status, body } = await fetchRaw(port, `${contentPrefix}d/dir/file`);
    if (status === 200) {
      assert.ok(published.includes(body.toString()), `${body.length} bytes of no published file`);
      whole += 1;
    } else {
      assert.ok([403, 404].includes(status), `status ${status}`);
    }
  } while (goOn());
  return whole;
}
