import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { everything } from '../../../src/stores/filter.ts';
import { storeLimits } from '../../../src/stores/limits.ts';
import type { Store } from '../../../src/stores/store.ts';
import { open } from '../../contracts/store-fixture.ts';
import { needsRoot } from '../../support/needs.ts';
import { run, runOk } from '../../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary.ts';

const impatient = { ...storeLimits, contentionMillisecondsMax: 100 };

describe('SqliteStore', () => {
  let directory: TemporaryDirectory;
  let file: string;
  beforeEach(() => {
    directory = temporaryDirectory();
    file = directory.file('portcullis.db');
  });
  afterEach(() => directory[Symbol.dispose]());

  const openFile = (access: 'read' | 'write' = 'write'): Promise<Store> =>
    open({ type: 'sqlite', file }, { access, limits: impatient });
  const fails = (work: Promise<unknown>, code: string, message: RegExp): Promise<void> =>
    assert.rejects(work, (error: Error & { code?: string }) => {
      assert.equal(error.code, code, error.message);
      assert.match(error.message, /^Cannot (?:use|make|change) the store \//);
      assert.match(error.message, message);
      return true;
    });
  const pings = async (code: string, message: RegExp): Promise<void> => {
    await using store = await openFile();
    await fails(store.ping(), code, message);
  };

  it('T93 makes its files readable by their owner alone, whatever the umask', async () => {
    const umask = process.umask(0);
    try {
      await using store = await openFile();
      await store.insert('plain', {});
      for (const name of [file, `${file}-wal`, `${file}-shm`]) {
        assert.equal(statSync(name).mode & 0o777, 0o600, name);
      }
    } finally {
      process.umask(umask);
    }
  });

  it('T93 refuses a file that others may read or write', async () => {
    writeFileSync(file, '', { mode: 0o600 });
    for (const mode of [0o640, 0o604, 0o660]) {
      chmodSync(file, mode);
      await pings('STORE_UNAVAILABLE', /others may read or write it; chmod 600 would be right/);
    }
  });

  it('T93 refuses a directory that others may write to', async () => {
    for (const mode of [0o777, 0o1777, 0o775]) {
      chmodSync(directory.path, mode);
      await pings('STORE_UNAVAILABLE', /others may write to .*; chmod go-w would be right/);
    }
    chmodSync(directory.path, 0o755);
  });

  it('T93 refuses a link in place of the file', async () => {
    writeFileSync(directory.file('other'), '', { mode: 0o600 });
    symlinkSync(directory.file('other'), file);
    await pings('STORE_UNAVAILABLE', /it is not a regular file/);
  });

  it('T93 refuses what belongs to another user', { skip: needsRoot() }, async () => {
    writeFileSync(file, '', { mode: 0o600 });
    chownSync(file, 12345, 12345);
    await pings('STORE_UNAVAILABLE', /it belongs to another user/);
    rmSync(file);
    chownSync(directory.path, 12345, 12345);
    await pings('STORE_UNAVAILABLE', /belongs to another user/);
  });

  it('refuses a missing directory, and works as soon as it is there', async () => {
    file = directory.file('missing/portcullis.db');
    await using store = await openFile();
    await fails(store.insert('plain', {}), 'STORE_UNAVAILABLE', /no such file or directory/);
    mkdirSync(directory.file('missing'));
    assert.equal((await store.insert('plain', {})).outcome, 'inserted');
  });

  it('refuses a directory in place of the file or of a directory above', async () => {
    mkdirSync(file);
    await pings('STORE_UNAVAILABLE', /it is not a regular file/);
    writeFileSync(directory.file('file'), '');
    file = directory.file('file/portcullis.db');
    await pings('STORE_UNAVAILABLE', /is not a directory/);
  });

  it('makes nothing where it only reads', async () => {
    await using store = await openFile('read');
    await fails(store.ping(), 'STORE_UNAVAILABLE', /there is no such file/);
    assert.equal(statSync(file, { throwIfNoEntry: false }), undefined);
  });

  it('reads a collection from the moment in which another process has made it', async () => {
    const collections = [{ name: 'plain', indexes: [] }];
    await using earlier = await open({ type: 'sqlite', file }, { collections });
    await earlier.ping();
    await using reader = await openFile('read');
    await fails(reader.get('tasks', 'x'), 'STORE_UNAVAILABLE', /it has no tasks yet/);
    await fails(reader.count('tasks', everything), 'STORE_UNAVAILABLE', /it has no tasks yet/);
    await using writer = await openFile();
    await writer.insert('tasks', { _id: 'x' });
    assert.equal((await reader.get('tasks', 'x'))?._id, 'x');
    assert.equal(await reader.count('tasks', everything), 1);
  });

  it('refuses what is no database, and a damaged one', async () => {
    writeFileSync(file, 'not a database, '.repeat(100), { mode: 0o600 });
    await pings('STORE_CORRUPT', /not an SQLite database/);
    rmSync(file);
    await fill();
    damage();
    await using store = await openFile();
    const find = store.find('plain', { filter: everything });
    await fails(find, 'STORE_CORRUPT', /damaged, and a backup has to be restored/);
  });

  it('goes on with a backup that is put in place of a damaged file', async () => {
    await fill();
    copyFileSync(file, directory.file('backup'));
    await using store = await openFile();
    assert.equal(await store.count('plain', everything), 300);
    const revision = await store.revision();
    damage();
    renameSync(directory.file('backup'), file);
    for (const name of [`${file}-wal`, `${file}-shm`]) rmSync(name, { force: true });
    assert.equal(await store.count('plain', everything), 300);
    const { collections } = await store.changedSince(revision);
    assert.deepEqual([...collections].sort(), ['grants', 'plain', 'tasks', 'users']);
  });

  it('refuses the database of another program', async () => {
    new DatabaseSync(file).exec('CREATE TABLE x (a)');
    chmodSync(file, 0o600);
    await pings('STORE_SCHEMA', /the database of another program/);
  });

  it('refuses a newer schema and leaves it as it is', async () => {
    await fill();
    using database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    await pings('STORE_SCHEMA', /schema 99 is of a newer Portcullis, and this one knows 1/);
    assert.equal(database.prepare('PRAGMA user_version').get()?.user_version, 99);
  });

  it('says that it is locked, and works as soon as it is not', async () => {
    await using store = await openFile();
    await store.insert('plain', {});
    using other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    await fails(store.insert('plain', {}), 'STORE_UNAVAILABLE', /hold its lock for too long/);
    assert.equal(await store.count('plain', everything), 1);
    const patient = await open({ type: 'sqlite', file });
    const insertion = patient.insert('plain', {});
    await sleep(100);
    other.exec('COMMIT');
    assert.equal((await insertion).outcome, 'inserted');
    await patient.close();
  });

  it('T96 makes no empty store in place of one that was removed, and goes on with it', async () => {
    await fill();
    await using store = await openFile();
    await store.ping();
    renameSync(file, directory.file('away'));
    await fails(store.count('plain', everything), 'STORE_UNAVAILABLE', /there is no such file/);
    await fails(store.insert('plain', {}), 'STORE_UNAVAILABLE', /there is no such file/);
    assert.equal(statSync(file, { throwIfNoEntry: false }), undefined);
    renameSync(directory.file('away'), file);
    assert.equal(await store.count('plain', everything), 300);
  });

  it('T96 says that the disk is full, keeps what it has, and goes on', {
    skip: needsRoot(),
  }, async (context) => {
    const mount = directory.file('small');
    mkdirSync(mount);
    const { code } = await run('mount', [
      '-t',
      'tmpfs',
      '-o',
      'size=512k,mode=755',
      'tmpfs',
      mount,
    ]);
    if (code !== 0) return context.skip('nothing can be mounted here');
    try {
      file = `${mount}/portcullis.db`;
      await using store = await openFile();
      let kept = 0;
      const fillUp = async (): Promise<void> => {
        for (;;) {
          await store.insert('plain', { fill: 'x'.repeat(20_000) });
          kept += 1;
        }
      };
      await fails(fillUp(), 'STORE_FULL', /no space is left/);
      await fails(store.insert('plain', { fill: 'x'.repeat(20_000) }), 'STORE_FULL', /no space/);
      await using anew = await openFile('read');
      for (const each of [store, anew]) assert.equal(await each.count('plain', everything), kept);
      await runOk('mount', ['-o', 'remount,size=4m', mount]);
      await store.insert('plain', { fill: 'x'.repeat(20_000) });
      assert.equal(await store.count('plain', everything), kept + 1);
    } finally {
      await runOk('umount', [mount]);
    }
  });

  it('says that the file system is read-only', { skip: needsRoot() }, async (context) => {
    const mount = directory.file('frozen');
    mkdirSync(mount);
    const { code } = await run('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=755', 'tmpfs', mount]);
    if (code !== 0) return context.skip('nothing can be mounted here');
    try {
      file = `${mount}/portcullis.db`;
      await fill();
      await runOk('mount', ['-o', 'remount,ro', mount]);
      await using store = await openFile();
      await assert.rejects(store.insert('plain', {}), (error: { code: string }) =>
        ['STORE_READ_ONLY', 'STORE_UNAVAILABLE'].includes(error.code),
      );
      file = `${mount}/other.db`;
      await pings('STORE_READ_ONLY', /the file system is read-only/);
    } finally {
      await runOk('umount', [mount]);
    }
  });

  it('refuses a new unique index over documents that have the same values', async () => {
    await using store = await openFile();
    await store.insertMany('plain', [{ n: 1 }, { n: 1 }]);
    const indexes = [{ fields: ['n'], unique: true }];
    await using stricter = await open(
      { type: 'sqlite', file },
      { collections: [{ name: 'plain', indexes }] },
    );
    await fails(stricter.ping(), 'STORE_SCHEMA', /documents of plain have the same n/);
    assert.equal(await store.count('plain', everything), 2);
  });

  it('keeps an index that another process declared since', async () => {
    await using older = await openFile();
    await older.insert('plain', { _id: 'a', n: 1 });
    const indexes = [{ fields: ['n'], unique: true }];
    await using newer = await open(
      { type: 'sqlite', file },
      { collections: [{ name: 'plain', indexes }] },
    );
    await newer.ping();
    assert.deepEqual(await older.insert('plain', { n: 1 }), {
      outcome: 'duplicate',
      fields: ['n'],
    });
    await older.insert('plain', { _id: 'b', n: 2 });
    assert.deepEqual(await newer.insert('plain', { n: 2 }), {
      outcome: 'duplicate',
      fields: ['n'],
    });
  });

  it('lets a reader read while another process is killed in a change', async () => {
    await fill();
    const program = `const { DatabaseSync } = require('node:sqlite');
      const database = new DatabaseSync(${JSON.stringify(file)});
      database.exec('BEGIN IMMEDIATE; DELETE FROM documents; DELETE FROM entries');
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawn(process.execPath, ['-e', program], { stdio: 'ignore' });
    await new Promise((resolve) => child.once('close', resolve));
    await using store = await openFile('read');
    assert.equal((await store.find('plain', { filter: everything })).length, 300);
  });

  async function fill(): Promise<void> {
    await using store = await open({ type: 'sqlite', file });
    const documents = Array.from({ length: 300 }, () => ({ fill: 'x'.repeat(500) }));
    await store.insertMany('plain', documents);
  }

  /** Everything behind the first pages, which hold the schema. */
  function damage(): void {
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4096 * 12);
    writeFileSync(file, bytes);
  }
});
