import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { DirectoryScanner } from '../../src/emperor/scan.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const regime = { uid: process.getuid?.() ?? 0, isTyrant: false };

describe('DirectoryScanner', () => {
  it('DirectoryScanner misses no file of a directory that is moved while it looks', async () => {
    using parent = temporaryDirectory();
    const files = Array.from({ length: 20 }, (_, index) => `${index}.yaml`);
    const [directory, away] = [parent.file('vassals'), parent.file('away')];
    const scanner = new DirectoryScanner(directory, regime, files.length);
    const nothing = new Map();
    mkdirSync(directory);
    for (const file of files) writeFileSync(`${directory}/${file}`, 'x');
    let refusals = 0;
    for (let round = 0; round < 300; round += 1) {
      const looking = scanner.scan(nothing);
      for (let turn = round % 10; turn > 0; turn -= 1) await new Promise(setImmediate);
      renameSync(directory, away);
      const scan = await looking;
      renameSync(away, directory);
      if (scan.refusal === undefined) {
        assert.deepEqual(
          [...scan.found.values()].filter((found) => found === undefined),
          [],
        );
        assert.equal(scan.found.size, files.length);
      } else {
        assert.match(scan.refusal, /no such/i);
        refusals += 1;
      }
    }
    assert.ok(refusals < 300, 'some looks saw the directory');
  });
});
