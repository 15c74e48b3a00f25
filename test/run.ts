/**
 * `npm test`: installs the programs that the tests need, runs the tests, says what was skipped.
 *
 *     npm test                        everything
 *     npm test -- test/uwsgi          one folder, or one file
 *
 * Where the variable CI is set, a run without a server for the MongoDB store is a failure.
 */

import { globSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { installMissingTools } from './support/debian-packages.ts';
import { buildFerretdb } from './support/ferretdb.ts';
import { fileMinutesMax } from './support/file-minutes.ts';
import { mongodbLine } from './support/mongodb.ts';
import { isInstalled } from './support/processes.ts';
import { TestOutcome } from './support/test-outcome.ts';
import { toolPath } from './support/tools.ts';

const root = path.dirname(import.meta.dirname);

/** Where Node keeps what it compiled: the tests start the same program hundreds of times. */
const compileCache = path.join(root, 'node_modules/.cache/node-compile');

const given = process.argv.slice(2);
const targets = given.length > 0 ? given : ['{test,auth-plugins}/**/*.test.ts'];
const unknown = targets.filter((target) => findTests(target).length === 0);
if (unknown.length > 0) {
  console.error(
    `Cannot run ${unknown.join(', ')}: no such test, name files or folders with *.test.ts`,
  );
  process.exitCode = 1;
} else {
  await main([...new Set(targets.flatMap(findTests))].sort());
}

async function main(files: readonly string[]): Promise<void> {
  installMissingTools();
  if (process.env.MONGODB_URL === undefined && !isInstalled('mongod')) buildFerretdb();
  process.env.PATH = toolPath;
  process.env.NODE_COMPILE_CACHE ??= compileCache;
  const outcome = await runTests(files);
  const isCi = (process.env.CI ?? '') !== '';
  const mongodb = mongodbLine(isCi);
  for (const line of [...outcome.report(), mongodb]) console.log(line);
  if (!outcome.succeeded || mongodb.startsWith('Failed')) process.exitCode = 1;
}

function findTests(target: string): readonly string[] {
  const isDirectory = statSync(path.resolve(root, target), {
    throwIfNoEntry: false,
  })?.isDirectory();
  const pattern = isDirectory ? path.join(target, '**/*.test.ts') : target;
  return globSync(pattern, { cwd: root, exclude: ['**/node_modules/**'] }).map((file) =>
    path.resolve(root, file),
  );
}

async function runTests(files: readonly string[]): Promise<TestOutcome> {
  const outcome = new TestOutcome(root);
  const events = run({
    files: [...files],
    cwd: root,
    concurrency: availableParallelism(),
    timeout: fileMinutesMax * 60_000,
    execArgv: ['--import', path.join(import.meta.dirname, 'support/end-late.ts')],
  });
  events.on('test:pass', (event) => outcome.add(event));
  events.on('test:summary', (event) => outcome.finish(event));
  const output = events.compose(spec);
  for await (const text of output) process.stdout.write(text);
  return outcome;
}
