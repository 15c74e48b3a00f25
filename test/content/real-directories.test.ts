import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  pathInside,
  RealDirectories,
  realPathEntriesMax,
} from '../../src/content/real-directories.ts';
import { temporaryDirectory } from '../support/temporary.ts';

describe('pathInside', () => {
  const cases: readonly (readonly [root: string, path: string, inside: string | undefined])[] = [
    ['/srv/data', '/srv/data', ''],
    ['/srv/data', '/srv/data/x/y', '/x/y'],
    ['/srv/data', '/srv/data2/x', undefined],
    ['/srv/data', '/srv/dat', undefined],
    ['/srv/data', '/srv/Data/x', undefined],
    ['/srv/data', '/', undefined],
    ['', '/x', '/x'],
  ];
  for (const [root, path, inside] of cases) {
    it(`T24 gives ${inside} for ${path} in ${root || '/'}`, () => {
      assert.equal(pathInside(root, path), inside);
    });
  }
});

describe('RealDirectories', () => {
  it('remembers as many directories as its limit, and forgets the oldest for one more', async () => {
    using directory = temporaryDirectory();
    const directories = new RealDirectories(() => 0);
    const names = Array.from({ length: realPathEntriesMax + 1 }, (_, index) => `/${index}`);
    for (const name of names) mkdirSync(directory.path + name);
    const resolve = (name: string) => directories.resolve(directory.path, name);
    await Promise.all(names.slice(0, -1).map(resolve));
    const remembered = () => names.filter((name) => directories.recall(directory.path, name));
    assert.equal(remembered().length, realPathEntriesMax);
    await resolve(names.at(-1) ?? '');
    assert.equal(remembered().length, realPathEntriesMax);
    assert.ok(remembered().includes(names.at(-1) ?? ''));
  });

  it('remembers nothing that is not there', async () => {
    using directory = temporaryDirectory();
    const directories = new RealDirectories(() => 0);
    assert.equal(await directories.resolve(directory.path, '/missing'), undefined);
    assert.equal(directories.recall(directory.path, '/missing'), undefined);
    mkdirSync(directory.file('missing'));
    assert.deepEqual(await directories.resolve(directory.path, '/missing'), {
      root: directory.path,
      path: '/missing',
    });
  });

  it('keeps equal directories of two roots apart', async () => {
    using directory = temporaryDirectory();
    mkdirSync(directory.file('a/x'), { recursive: true });
    mkdirSync(directory.file('b'));
    const directories = new RealDirectories(() => 0);
    await directories.resolve(directory.file('a'), '/x');
    assert.equal(directories.recall(directory.file('b'), '/x'), undefined);
  });
});
