import assert from 'node:assert/strict';
import {
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { describe, it } from 'node:test';
import { createFinder, type FoundFile } from '../../src/content/find.ts';
import { openDirectory, openFile } from '../../src/content/open.ts';
import { PortcullisError } from '../../src/errors.ts';
import { runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const isGone = (error: unknown) => error instanceof PortcullisError && error.code === 'NOT_FOUND';

/** A root with `dir/file`, a canary outside, and the file as it was found. */
async function foundFile() {
  const directory = temporaryDirectory();
  mkdirSync(directory.file('root/dir'), { recursive: true });
  mkdirSync(directory.file('outside'));
  writeFileSync(directory.file('root/dir/file'), 'content');
  writeFileSync(directory.file('outside/file'), 'canary');
  const found = await createFinder({ visibleDotNames: [] })(directory.file('root'), '/dir/file');
  assert.equal(found?.kind, 'file');
  return { ...directory, found: found as FoundFile };
}

describe('openFile', () => {
  it('reads size and time from what is open, not from what was found', async () => {
    using files = await foundFile();
    writeFileSync(files.file('root/next'), 'other content');
    utimesSync(files.file('root/next'), 1_600_000_000, 1_600_000_000);
    renameSync(files.file('root/next'), files.file('root/dir/file'));
    const file = await openFile(files.found);
    await file.handle.close();
    assert.deepEqual([file.size, file.modified], [13, 1_600_000_000]);
  });

  const replacements: Readonly<Record<string, (file: (name: string) => string) => unknown>> = {
    'is gone': (file) => unlinkSync(file('root/dir/file')),
    'is a link now': (file) => {
      unlinkSync(file('root/dir/file'));
      symlinkSync(file('outside/file'), file('root/dir/file'));
    },
    'is below a link now': (file) => {
      rmSync(file('root/dir'), { recursive: true });
      symlinkSync(file('outside'), file('root/dir'));
    },
    'is below a root that is a link now': (file) => {
      renameSync(file('root'), file('outside/root'));
      symlinkSync(file('outside/root'), file('root'));
    },
    'is a directory now': (file) => {
      unlinkSync(file('root/dir/file'));
      mkdirSync(file('root/dir/file'));
    },
    'is a FIFO now': (file) => {
      unlinkSync(file('root/dir/file'));
      return runOk('mkfifo', [file('root/dir/file')]);
    },
  };
  for (const [what, replace] of Object.entries(replacements)) {
    it(`T39a opens nothing when the file ${what}`, async () => {
      using files = await foundFile();
      await replace(files.file);
      await assert.rejects(openFile(files.found), isGone);
    });
  }
});

describe('openDirectory', () => {
  it('opens nothing when the directory is a link now', async () => {
    using files = await foundFile();
    const found = { kind: 'directory', root: files.file('root'), path: '/dir' } as const;
    await (await openDirectory(found)).close();
    rmSync(files.file('root/dir'), { recursive: true });
    symlinkSync(files.file('outside'), files.file('root/dir'));
    await assert.rejects(openDirectory(found), isGone);
  });
});
