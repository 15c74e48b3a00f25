import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { mongodbLine } from './support/mongodb.ts';
import { run } from './support/processes.ts';
import { temporaryDirectory } from './support/temporary.ts';

const runner = path.join(import.meta.dirname, 'run.ts');
const passing = "import { test } from 'node:test';\ntest('passes', () => {});\n";

describe('npm test', () => {
  it('npm test ends with 0 and says that nothing was skipped', async () => {
    const result = await runTests({ 'a.test.ts': passing });
    assert.equal(result.code, 0);
    assert.match(result.output, /^ℹ tests 1$/m);
    assert.match(result.output, /^ℹ pass 1$/m);
    assert.match(result.output, /^Nothing was skipped$/m);
  });

  it('npm test ends with 1 when one test fails', async () => {
    const failing =
      "import { test } from 'node:test';\ntest('fails', () => { throw new Error(); });\n";
    const result = await runTests({ 'a.test.ts': passing, 'b.test.ts': failing });
    assert.equal(result.code, 1);
    assert.match(result.output, /^ℹ fail 1$/m);
  });

  it('npm test lists what was skipped, suites included, with the reasons', async () => {
    const skipping = `import { describe, it } from 'node:test';
describe('suite', { skip: 'no dnf' }, () => { it('never', () => {}); });
it('alone', { skip: 'no nginx' }, () => {});
`;
    const result = await runTests({ 'a.test.ts': passing, 'b.test.ts': skipping });
    assert.equal(result.code, 0);
    assert.match(result.output, /^Skipped, 2 in all:$/m);
    assert.match(result.output, /b\.test\.ts: suite \(no dnf\)$/m);
    assert.match(result.output, /b\.test\.ts: alone \(no nginx\)$/m);
  });

  it('npm test fails when every test is skipped', async () => {
    const skipping = "import { it } from 'node:test';\nit('alone', { skip: 'why' }, () => {});\n";
    const result = await runTests({ 'a.test.ts': skipping });
    assert.equal(result.code, 1);
    assert.match(result.output, /^Failed: no test ran$/m);
  });

  it('npm test fails when a file holds no test', async () => {
    const result = await runTests({
      'a.test.ts': passing,
      'b.test.ts': 'export const nothing = 1;\n',
    });
    assert.equal(result.code, 1);
    assert.match(result.output, /^Failed: .*b\.test\.ts holds no test$/m);
  });

  it('npm test fails when a target holds no test file, even beside one that does', async () => {
    const result = await runTests({ 'a.test.ts': passing }, ['test/no-such-folder']);
    assert.equal(result.code, 1);
    assert.match(result.output, /^Cannot run test\/no-such-folder: no such test/m);
  });

  it('npm test says in its last line which server the MongoDB store is tested with', async () => {
    const env = { MONGODB_URL: 'mongodb://user:hunter2@127.0.0.1/' };
    const { output } = await runTests({ 'a.test.ts': passing }, [], env);
    assert.ok(output.trimEnd().endsWith('\nServer for the MongoDB store: that of MONGODB_URL'));
    assert.doesNotMatch(output, /hunter2/);
    assert.equal(mongodbLine(true, 'ferretdb'), 'Server for the MongoDB store: FerretDB');
  });

  it('npm test without a server for the MongoDB store is a failure in CI alone', () => {
    const line =
      'No server for the MongoDB store: no MONGODB_URL, no mongod, and no Go to build FerretDB';
    assert.equal(mongodbLine(false, null), line);
    assert.equal(mongodbLine(true, null), `Failed: ${line}`);
  });
});

async function runTests(
  files: Readonly<Record<string, string>>,
  moreTargets: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
) {
  using directory = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) writeFileSync(directory.file(name), text);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const result = await run(process.execPath, [runner, directory.path, ...moreTargets], {
    env: { ...env, ...variables },
  });
  return { code: result.code, output: `${result.stdout}${result.stderr}` };
}
