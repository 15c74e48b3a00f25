import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { Failure } from '../../../src/admin/failure.ts';
import { type ChosenFile, chooseFiles, digestOf } from '../../../src/admin/uploads/chosen-files.ts';
import { sha256Of } from '../../storage/opened.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const directory = temporaryDirectory();
after(() => directory[Symbol.dispose]());

function write(name: string, bytes: string | Buffer): string {
  writeFileSync(directory.file(name), bytes);
  return directory.file(name);
}

async function namesOf(...given: Parameters<typeof chooseFiles>): Promise<readonly string[]> {
  const chosen = await chooseFiles(...given);
  assert.ok(!(chosen instanceof Failure), String((chosen as Failure).lines));
  return chosen.map(({ file }) => file.slice(directory.path.length + 1));
}

async function reasonOf(...given: Parameters<typeof chooseFiles>): Promise<string> {
  const failure = await chooseFiles(...given);
  assert.ok(failure instanceof Failure);
  assert.equal(failure.exitCode, 66);
  return failure.lines.join();
}

describe('chooseFiles', () => {
  it('chooseFiles takes the files of directories that end so, in their order, and each file once', async () => {
    mkdirSync(directory.file('d/below.rpm'), { recursive: true });
    for (const name of ['b.rpm', 'a.RPM', 'README', 'below.rpm/c.rpm']) write(`d/${name}`, name);
    symlinkSync(directory.file('d/README'), directory.file('d/z.rpm'));
    const file = directory.file('d/b.rpm');
    assert.deepEqual(await namesOf([file, file], [directory.file('d')], '.rpm'), [
      'd/b.rpm',
      'd/a.RPM',
      'd/z.rpm',
    ]);
  });

  it('chooseFiles says which file is missing, or is none, and which directory has none', async () => {
    mkdirSync(directory.file('none'));
    assert.match(await reasonOf([directory.file('gone')], [], ''), /gone: there is no such file/);
    assert.match(await reasonOf([directory.file('none')], [], ''), /is not a regular file/);
    assert.match(
      await reasonOf([], [directory.file('none')], '.deb'),
      /no file that ends with \.deb/,
    );
    assert.match(await reasonOf([], [directory.file('gone')], ''), /gone: there is no such file/);
    execFileSync('mkfifo', [directory.file('fifo')]);
    assert.match(await reasonOf([directory.file('fifo')], [], ''), /is not a regular file/);
  });
});

describe('digestOf', () => {
  const chosen = async (file: string): Promise<ChosenFile> => {
    const files = await chooseFiles([file], [], '');
    assert.ok(!(files instanceof Failure) && files[0] !== undefined);
    return files[0];
  };

  it('digestOf reads a file piece by piece, of none and of more than one', async () => {
    for (const size of [0, 1, 1024 * 1024, 1024 * 1024 + 1]) {
      const bytes = Buffer.alloc(size, 'ab');
      const told: number[] = [];
      const one = await chosen(write('digested', bytes));
      assert.equal(await digestOf(one, (count) => told.push(count)), sha256Of(bytes));
      assert.equal(told.at(-1), size === 0 ? undefined : size);
    }
  });

  it('digestOf refuses a file that became shorter', async () => {
    const one = await chosen(write('shorter', 'abc'));
    write('shorter', 'a');
    const failure = await digestOf(one, () => {});
    assert.ok(failure instanceof Failure);
    assert.match(failure.lines.join(), /became shorter/);
  });
});
