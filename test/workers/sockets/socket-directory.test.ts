import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { sameOwner } from '../../../src/workers/plan.ts';
import { prepareDirectory } from '../../../src/workers/sockets/socket-directory.ts';
import { needsRoot } from '../../support/needs.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const modeOf = (file: string): number => statSync(file).mode & 0o7777;

describe('prepareDirectory()', () => {
  test('prepareDirectory() makes what is missing with the mode, whatever the umask', () => {
    using directory = temporaryDirectory();
    const umask = process.umask(0o077);
    assert.deepEqual(prepareDirectory(directory.file('run/deep'), 0o755, sameOwner), []);
    process.umask(umask);
    assert.equal(modeOf(directory.file('run')), 0o755);
    assert.equal(modeOf(directory.file('run/deep')), 0o755);
  });

  test('prepareDirectory() gives what it makes to the owner', { skip: needsRoot() }, () => {
    using directory = temporaryDirectory();
    prepareDirectory(directory.file('run/deep'), 0o750, { uid: 12345, gid: 23456 });
    for (const name of ['run', 'run/deep']) {
      const { uid, gid } = statSync(directory.file(name));
      assert.deepEqual([uid, gid, modeOf(directory.file(name))], [12345, 23456, 0o750]);
    }
    assert.equal(statSync(directory.path).uid, 0);
  });

  test('prepareDirectory() leaves what is there as it is, and what a link leads to', () => {
    using directory = temporaryDirectory();
    mkdirSync(directory.file('real'), { mode: 0o700 });
    symlinkSync('real', directory.file('link'));
    prepareDirectory(directory.file('link/deep'), 0o755, sameOwner);
    assert.equal(modeOf(directory.file('real')), 0o700);
    assert.deepEqual(readdirSync(directory.file('real')), ['deep']);
  });

  test('prepareDirectory() refuses a file, and links to one, to nothing and to themselves', () => {
    using directory = temporaryDirectory();
    writeFileSync(directory.file('file'), '');
    symlinkSync('file', directory.file('to-file'));
    symlinkSync('nothing', directory.file('to-nothing'));
    symlinkSync('to-itself', directory.file('to-itself'));
    const cases = [
      ['file', /file is not a directory$/],
      ['to-file', /to-file is not a directory$/],
      ['to-nothing', /to-nothing is a symbolic link to nothing$/],
      ['to-itself', /to-itself.* leads through a symbolic link to itself$/],
    ] as const;
    for (const [name, reason] of cases) {
      for (const path of [directory.file(name), directory.file(`${name}/deep`)]) {
        assert.throws(() => prepareDirectory(path, 0o755, sameOwner), reason);
      }
    }
    assert.equal(readdirSync(directory.path).length, 4);
  });

  test('prepareDirectory() refuses one that cannot be written to', () => {
    using directory = temporaryDirectory();
    // Where root may write, too, nobody may: the file system says so.
    const path = process.geteuid?.() === 0 ? '/proc/self' : directory.path;
    chmodSync(directory.path, 0o555);
    assert.throws(() => prepareDirectory(path, 0o755, sameOwner), /cannot be written to: /);
    chmodSync(directory.path, 0o755);
  });

  test('prepareDirectory() warns of one in which everybody may replace a socket', () => {
    using directory = temporaryDirectory();
    chmodSync(directory.path, 0o777);
    const [warning = ''] = prepareDirectory(directory.path, 0o755, sameOwner);
    assert.ok(warning.startsWith('Every user of this host can replace the sockets'), warning);
    chmodSync(directory.path, 0o1777);
    assert.deepEqual(prepareDirectory(directory.path, 0o755, sameOwner), []);
  });
});
