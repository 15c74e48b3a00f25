import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { describe, it } from 'node:test';
import { storageFolders } from '../../src/storage/layout.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { ownMark } from '../../src/storage/process-mark.ts';
import { foreignSecondsMax } from '../../src/storage/sweep.ts';
import { needsRoot } from '../support/needs.ts';
import { run, runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { chunks, filesBelow, openedStorage, received } from './opened.ts';

const nobody = async (): Promise<boolean> => false;

describe('openStorage()', () => {
  it('makes what is missing, and leaves the modes of what is there', async () => {
    using opened = await openedStorage();
    const { directory } = opened;
    assert.equal(readdirSync(`${directory}/artifacts`).length, 256);
    chmodSync(`${directory}/publications`, 0o755);
    await openStorage({ directory, uploadBytesMax: 1 });
    assert.equal(statSync(`${directory}/publications`).mode & 0o777, 0o755);
    assert.deepEqual(readdirSync(`${directory}/publications`), []);
  });

  it('says that the directory cannot be made', async () => {
    using parent = temporaryDirectory();
    const opening = openStorage({ directory: parent.file('a/b'), uploadBytesMax: 1 });
    await assert.rejects(opening, {
      code: 'STORAGE_UNAVAILABLE',
      message: /^Cannot open the storage .*\/a\/b: there is no such file or directory$/,
    });
  });

  it('says that a folder is on another file system', { skip: needsRoot() }, async (context) => {
    using opened = await openedStorage();
    const { directory } = opened;
    const mount = `${directory}/publications`;
    const { code } = await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount]);
    if (code !== 0) return context.skip('nothing can be mounted here');
    try {
      await assert.rejects(openStorage({ directory, uploadBytesMax: 1 }), {
        code: 'STORAGE_UNAVAILABLE',
        message: /publications\/ is on another file system than temporary\//,
      });
    } finally {
      await runOk('umount', [mount]);
    }
  });
});

describe('Storage.sweep()', () => {
  it('leaves what a running process writes, and removes what a dead one left', async () => {
    using opened = await openedStorage();
    const { storage, directory } = opened;
    await using file = await received(storage, chunks('bytes'));
    const child = spawn('sleep', ['60']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { host } = ownMark();
    // The number of this process with the time of another start is another process.
    for (const mark of [`${host}-${child.pid}-1`, `${host}-${process.pid}-1`]) {
      mkdirSync(`${directory}/temporary/${mark}/dir/deep`, { recursive: true });
      writeFileSync(`${directory}/temporary/${mark}/file`, 'left');
    }
    assert.deepEqual(await storage.sweep(nobody), { temporary: 4, putBack: 0, removed: 0 });
    assert.deepEqual(readdirSync(`${directory}/temporary`), [ownMark().text]);
    assert.ok(existsSync(file.path));
  });

  it('leaves a directory for the work of this process, which goes with its disposal', async () => {
    using opened = await openedStorage();
    const { storage, directory } = opened;
    const work = await storage.workDirectory();
    mkdirSync(`${work.path}/deep`);
    writeFileSync(`${work.path}/deep/secret`, 'secret');
    assert.equal(statSync(work.path).mode & 0o777, 0o700);
    assert.deepEqual(await storage.sweep(nobody), { temporary: 0, putBack: 0, removed: 0 });
    assert.ok(existsSync(work.path));
    await work[Symbol.asyncDispose]();
    assert.deepEqual(filesBelow(directory), []);
  });

  it('removes the trial of links of a process that was killed at it, in every folder, and no other', async () => {
    using opened = await openedStorage();
    const { storage, directory } = opened;
    const { host, text } = ownMark();
    const name = (mark: string): string => `.probe-0123456789abcdef-${mark}`;
    for (const folder of storageFolders) {
      for (const mark of [`${host}-${process.pid}-1`, text, '0123456789abcdef-1-1']) {
        writeFileSync(`${directory}/${folder}/${name(mark)}`, '');
      }
    }
    const { temporary } = await storage.sweep(nobody);
    assert.equal(temporary, storageFolders.length);
    for (const folder of storageFolders) {
      const left = readdirSync(`${directory}/${folder}`).filter((each) => each.startsWith('.'));
      assert.deepEqual(left, [name('0123456789abcdef-1-1'), name(text)].sort(), folder);
    }
  });

  it('leaves what a process of another host may write, until it was not touched for a day', async () => {
    using opened = await openedStorage();
    const { storage, directory } = opened;
    const foreign = `${directory}/temporary/0123456789abcdef-1-1`;
    mkdirSync(foreign);
    const now = Date.now() / 1000;
    for (const [name, age] of [
      ['old', foreignSecondsMax + 10],
      ['new', foreignSecondsMax - 600],
    ] as const) {
      writeFileSync(`${foreign}/${name}`, name);
      lutimesSync(`${foreign}/${name}`, now - age, now - age);
    }
    assert.deepEqual(await storage.sweep(nobody), { temporary: 1, putBack: 0, removed: 0 });
    assert.deepEqual(readdirSync(foreign), ['new']);
  });

  it('takes nothing from a process that goes on after its directory was swept away', async () => {
    using opened = await openedStorage();
    const { storage, directory } = opened;
    await (await received(storage, chunks('bytes')))[Symbol.asyncDispose]();
    rmSync(`${directory}/temporary/${ownMark().text}`, { recursive: true });
    await using file = await received(storage, chunks('bytes'));
    await storage.artifacts.keep(file);
    assert.equal(await storage.artifacts.sizeOf(file.sha256), 5);
  });
});

describe('the storage of a user', { skip: needsRoot() }, () => {
  it('is published and removed without the rights of root', async () => {
    using parent = temporaryDirectory();
    mkdirSync(parent.file('home'));
    chmodSync(parent.file('home'), 0o777);
    const program = `
      import { openStorage } from '${import.meta.resolve('../../src/storage/open-storage.ts')}';
      process.setgid(65534); process.setuid(65534); process.umask(0o077);
      const storage = await openStorage({ directory: '${parent.file('home/s')}', uploadBytesMax: 9 });
      const signal = new AbortController().signal;
      const bytes = async function* () { yield Buffer.from('x'); };
      const file = await storage.artifacts.receive(bytes(), { bytesMax: 9, signal });
      await storage.artifacts.keep(file);
      const id = '0'.repeat(32);
      await storage.uploads.create(id);
      await storage.uploads.write(id, 0, bytes());
      const sealed = await storage.uploads.seal(id, signal);
      await storage.uploads.seal(id, signal);
      await storage.artifacts.keep(sealed);
      const publication = '0'.repeat(24);
      const tree = await storage.publications.begin(publication);
      await tree.link('a/b/c', file.sha256);
      await tree.write('a/d', 'd');
      await tree.commit();
      await storage.publications.remove(publication);
      await storage.uploads.remove(id);
      console.log(JSON.stringify(await Array.fromAsync(storage.publications.list())));`;
    const out = await runOk(process.execPath, ['--input-type=module-typescript', '-e', program]);
    assert.equal(out.toString(), '[]\n');
  });
});
