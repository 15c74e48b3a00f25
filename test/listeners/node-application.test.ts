import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  type NodeApplication,
  type NodeApplicationParts,
  openNodeApplication,
} from '../../src/listeners/node-application.ts';
import { writeTree } from '../support/application.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

function open(
  directory: TemporaryDirectory,
  source: string,
  parts: Partial<NodeApplicationParts> = {},
): Promise<NodeApplication> {
  writeFileSync(directory.file('app.mjs'), source);
  return openNodeApplication(
    { module: directory.file('app.mjs'), mounts: {} },
    { baseDirectory: directory.path, at: 'application', onCloseFailed: () => {}, ...parts },
  );
}

describe('openNodeApplication', () => {
  for (const [name, source] of [
    ['a listener', 'export const listener = () => {};'],
    ['a default', 'export default () => {};'],
    ['an awaited listener', 'export const listener = await Promise.resolve(() => {});'],
  ] as const) {
    test(`takes a module that exports ${name}`, async () => {
      using directory = temporaryDirectory();
      assert.deepEqual((await open(directory, source)).problems, []);
    });
  }

  for (const [name, source, reason] of [
    ['nothing', '', /it has to export a function of \(request, response\) as `listener`/],
    ['a Koa application', 'export default { callback() {} };', /application\.callback\(\)/],
    ['an error', 'throw new Error("canary");', /: canary$/],
    ['a syntax error', 'export const = 5;', /app\.mjs: /],
    ['a missing import', 'import "./absent.mjs";', /absent\.mjs/],
    ['a promise that never settles', 'await new Promise(() => {});', /not loaded within 0\.2 s/],
  ] as const) {
    test(`names a module that exports ${name}, and why it cannot be served`, async () => {
      using directory = temporaryDirectory();
      const { problems } = await open(directory, source, { startSecondsMax: 0.2 });
      assert.equal(problems.length, 1);
      assert.equal(problems[0]?.at, 'application.module');
      assert.match(problems[0]?.message ?? '', /^Cannot load the application \/.*app\.mjs: /);
      assert.match(problems[0]?.message ?? '', reason);
    });
  }

  test('tells every module that does not load, with its place', async () => {
    using directory = temporaryDirectory();
    const { problems } = await openNodeApplication(
      { module: directory.file('absent.mjs'), mounts: { '/blog': 'no-such-package' } },
      {
        baseDirectory: directory.path,
        at: 'pools.blog.application',
        onCloseFailed: assert.ifError,
      },
    );
    assert.deepEqual(
      problems.map(({ at }) => at),
      ['pools.blog.application.module', 'pools.blog.application.mounts./blog'],
    );
    assert.match(problems[0]?.message ?? '', /there is no such file$/);
    assert.match(problems[1]?.message ?? '', /no-such-package/);
  });

  test('closes each module once, and tells of one that fails', async () => {
    using directory = temporaryDirectory();
    writeTree(directory.path, {
      'counting.mjs':
        'export default () => {}; export const close = () => { globalThis.closings = (globalThis.closings ?? 0) + 1; };',
    });
    const failures: unknown[] = [];
    const opened = await openNodeApplication(
      {
        module: directory.file('counting.mjs'),
        mounts: { '/again': directory.file('counting.mjs') },
      },
      { baseDirectory: directory.path, at: '', onCloseFailed: (error) => failures.push(error) },
    );
    await opened.close();
    assert.equal((globalThis as { closings?: number }).closings, 1);
    const failing =
      'export default () => {}; export const close = () => { throw new Error("x"); };';
    const other = await open(directory, failing, {
      onCloseFailed: (error) => failures.push(error),
    });
    await other.close();
    assert.match(String(failures), /^Error: x$/);
  });
});
