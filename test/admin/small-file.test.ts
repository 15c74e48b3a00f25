import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readSmallFile } from '../../src/admin/small-file.ts';
import { runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

describe('readSmallFile', () => {
  it('readSmallFile reads as many bytes as its limit, and refuses one more', async () => {
    using directory = temporaryDirectory();
    const file = directory.file('file');
    writeFileSync(file, 'äbc', { mode: 0o640 });
    const read = await readSmallFile(file, 4);
    assert.ok(read !== undefined && 'text' in read);
    assert.deepEqual([read.text, read.mode & 0o777], ['äbc', 0o640]);
    assert.deepEqual(await readSmallFile(file, 3), { problem: 'it is longer than 3 bytes' });
  });

  it('readSmallFile takes what is not there for nothing', async () => {
    assert.equal(await readSmallFile('/nonexistent/file', 10), undefined);
  });

  it('readSmallFile reads regular files alone, and waits for none', async () => {
    using directory = temporaryDirectory();
    await runOk('mkfifo', [directory.file('fifo')]);
    const problem = 'it is not a regular file';
    for (const file of ['/dev/zero', directory.file('fifo'), directory.path]) {
      assert.deepEqual(await readSmallFile(file, 10), { problem }, file);
    }
    const below = await readSmallFile('/dev/null/file', 10);
    assert.deepEqual(below, { problem: 'a part of the path is not a directory' });
  });
});
