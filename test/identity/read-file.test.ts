import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readTextFile } from '../../src/identity/read-file.ts';
import { runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

describe('readTextFile', () => {
  it('reads a file of its greatest length, and refuses one byte more', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('text');
    writeFileSync(file, 'x'.repeat(1000));
    assert.equal(await readTextFile(file, 1000, 'read'), 'x'.repeat(1000));
    writeFileSync(file, 'x'.repeat(1001));
    await assert.rejects(readTextFile(file, 1000, 'read'), {
      code: 'FILE_UNREADABLE',
      message: `Cannot read ${file}: it is longer than 1000 bytes`,
    });
  });

  it('refuses what is no regular file, and waits for none', async () => {
    using directory = temporaryDirectory();
    const fifo = directory.file('fifo');
    await runOk('mkfifo', [fifo]);
    for (const file of [directory.path, '/dev/zero', fifo]) {
      await assert.rejects(readTextFile(file, 1000, 'read'), {
        message: `Cannot read ${file}: it is not a regular file`,
      });
    }
  });

  it('refuses what is not UTF-8, and a link to itself', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('text');
    writeFileSync(file, Buffer.from('J\xfcrgen', 'latin1'));
    await assert.rejects(readTextFile(file, 1000, 'read'), /it is not UTF-8 text/);
    const link = directory.file('link');
    symlinkSync(link, link);
    await assert.rejects(readTextFile(link, 1000, 'read'), /it is a symbolic link to itself/);
  });
});
