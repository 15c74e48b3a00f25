import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { run } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const checks = path.join(import.meta.dirname, '../../scripts/check.ts');

/** What stands in for the checkers: what each prints, and how it ends. */
interface Checkers {
  readonly tsc?: string;
  readonly biome?: string;
  readonly docs?: string;
}

describe('npm run check', () => {
  it('npm run check ends with 0 when each checker saw the sources and is content', async () => {
    const { code, output } = await check({});
    assert.equal(code, 0, output);
    assert.equal(output, 'types: clean\nformat and lint: clean\ngenerated documents: clean\n');
  });

  for (const [what, checkers, words] of [
    [
      'types are wrong',
      { tsc: 'echo "src/a.ts(1,1): error"; exit 2' },
      /types:\nsrc\/a\.ts\(1,1\)/,
    ],
    ['the lint is not clean', { biome: 'echo "a warning"; exit 1' }, /lint:\na warning/],
    ['a document is behind', { docs: 'process.exitCode = 1;' }, /documents:\nit failed without/],
    ['tsc leaves a source out', { tsc: 'echo /elsewhere.ts' }, /not checked by tsc: .*src\/a\.ts/],
    ['biome looked at nothing', { biome: 'echo "Checked 0 files in 1ms."' }, /it checked no file/],
  ] as const) {
    it(`npm run check ends with 1 when ${what}`, async () => {
      const { code, output } = await check(checkers);
      assert.equal(code, 1);
      assert.match(output, words);
      assert.match(output, /^Failed: /m);
    });
  }
});

/** Runs the checks in a checkout with two sources. */
async function check({ tsc, biome, docs = '' }: Checkers) {
  using checkout = temporaryDirectory();
  for (const folder of ['scripts', 'src', 'node_modules/.bin']) {
    mkdirSync(checkout.file(folder), { recursive: true });
  }
  cpSync(checks, checkout.file('scripts/check.ts'));
  writeFileSync(checkout.file('src/a.ts'), '');
  writeFileSync(checkout.file('scripts/generate-docs.ts'), docs);
  const program = (name: string, script: string): void => {
    const file = checkout.file(`node_modules/.bin/${name}`);
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  };
  program('tsc', tsc ?? 'ls $PWD/src/*.ts $PWD/scripts/*.ts');
  program('biome', biome ?? 'echo "Checked 3 files in 1ms."');
  const result = await run(process.execPath, [checkout.file('scripts/check.ts')]);
  return { code: result.code, output: `${result.stdout}${result.stderr}` };
}
