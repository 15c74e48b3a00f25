import assert from 'node:assert/strict';
import { chmodSync, linkSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { chunks, filesBelow, kept, listed, openedStorage, received, sha256Of } from './opened.ts';

const never = async (): Promise<boolean> => false;
const always = async (): Promise<boolean> => true;

describe('Artifacts.receive()', () => {
  it('gives the digest and the size of what came, and removes it when it is disposed of', async () => {
    using opened = await openedStorage();
    {
      await using file = await received(opened.storage, chunks('one', '', ' two'));
      assert.equal(file.sha256, sha256Of('one two'));
      assert.equal(file.size, 7);
      assert.equal(readFileSync(file.path, 'utf8'), 'one two');
    }
    assert.deepEqual(filesBelow(opened.directory), []);
  });

  it('takes as many bytes as it may and not one more, and leaves nothing behind', async () => {
    using opened = await openedStorage();
    await (await received(opened.storage, chunks('12345'), 5))[Symbol.asyncDispose]();
    await assert.rejects(received(opened.storage, chunks('12345', '6'), 5), {
      code: 'CONTENT_TOO_LARGE',
    });
    assert.deepEqual(filesBelow(opened.directory), []);
  });

  it('ends with the reason of its signal, though no more bytes come, and leaves nothing', async () => {
    using opened = await openedStorage();
    const controller = new AbortController();
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const stalling = async function* (): AsyncIterable<Uint8Array> {
      yield Buffer.from('one');
      resolve();
      await new Promise(() => {});
    };
    const receiving = opened.storage.artifacts.receive(stalling(), {
      bytesMax: 100,
      signal: controller.signal,
    });
    await begun;
    controller.abort(new Error('the task was cancelled'));
    await assert.rejects(receiving, /^Error: the task was cancelled$/);
    assert.deepEqual(filesBelow(opened.directory), []);
  });

  it('hands on what the stream throws, and leaves nothing', async () => {
    using opened = await openedStorage();
    const failing = async function* (): AsyncIterable<Uint8Array> {
      yield Buffer.from('one');
      throw new Error('the connection broke');
    };
    await assert.rejects(received(opened.storage, failing()), /the connection broke/);
    assert.deepEqual(filesBelow(opened.directory), []);
  });
});

describe('Artifacts.keep()', () => {
  it('stores the same content once, for reading by the owner and the group alone', async () => {
    using opened = await openedStorage();
    const { artifacts } = opened.storage;
    const sha256 = await kept(opened.storage, 'bytes');
    const { ino } = statSync(artifacts.pathOf(sha256));
    assert.equal(await kept(opened.storage, 'bytes'), sha256);
    const stats = statSync(artifacts.pathOf(sha256));
    assert.equal(stats.ino, ino);
    assert.equal(stats.mode & 0o777, 0o440);
    assert.deepEqual(await listed(artifacts.list()), [sha256]);
    assert.equal(filesBelow(opened.directory).length, 1);
    assert.equal(await artifacts.sizeOf(sha256), 5);
  });

  it('stores anew what was cut off', async () => {
    using opened = await openedStorage();
    const { artifacts } = opened.storage;
    const sha256 = await kept(opened.storage, 'bytes');
    chmodSync(artifacts.pathOf(sha256), 0o600);
    truncateSync(artifacts.pathOf(sha256), 2);
    await kept(opened.storage, 'bytes');
    assert.equal(readFileSync(artifacts.pathOf(sha256), 'utf8'), 'bytes');
    assert.equal(filesBelow(opened.directory).length, 1);
  });

  it('T28 takes no digest that is a path', async () => {
    using opened = await openedStorage();
    const { artifacts } = opened.storage;
    for (const name of [
      '',
      '../../etc/passwd',
      'A'.repeat(64),
      'a'.repeat(63),
      `${'a'.repeat(64)}/`,
    ]) {
      assert.throws(() => artifacts.pathOf(name), TypeError);
      await assert.rejects(artifacts.sizeOf(name), TypeError);
      await assert.rejects(artifacts.removeUnless(name, never), TypeError);
    }
  });
});

describe('Artifacts.removeUnless()', () => {
  it('removes what nobody refers to, and says how many bytes that freed', async () => {
    using opened = await openedStorage();
    const { artifacts } = opened.storage;
    const sha256 = await kept(opened.storage, 'bytes');
    assert.equal(await artifacts.removeUnless(sha256, never), 5);
    assert.equal(await artifacts.sizeOf(sha256), undefined);
    assert.equal(await artifacts.removeUnless(sha256, never), 0);
    assert.deepEqual(filesBelow(opened.directory), []);
  });

  it('frees nothing where a publication still has the file', async () => {
    using opened = await openedStorage();
    const { artifacts } = opened.storage;
    const sha256 = await kept(opened.storage, 'bytes');
    linkSync(artifacts.pathOf(sha256), `${opened.directory}/publications/link`);
    assert.equal(await artifacts.removeUnless(sha256, never), 0);
    assert.equal(readFileSync(`${opened.directory}/publications/link`, 'utf8'), 'bytes');
  });

  it('keeps what somebody refers to, and what cannot be told', async () => {
    using opened = await openedStorage();
    const { artifacts } = opened.storage;
    const sha256 = await kept(opened.storage, 'bytes');
    const { ino } = statSync(artifacts.pathOf(sha256));
    assert.equal(await artifacts.removeUnless(sha256, onceAway(always)), 0);
    const faulty = async (): Promise<boolean> => {
      throw new Error('the store is away');
    };
    for (const isReferred of [faulty, onceAway(faulty)]) {
      await assert.rejects(artifacts.removeUnless(sha256, isReferred), /the store is away/);
    }
    assert.equal(statSync(artifacts.pathOf(sha256)).ino, ino);
    assert.equal(filesBelow(opened.directory).length, 1);
  });

  it('never moves what is referred to when it begins', async () => {
    using opened = await openedStorage();
    const { artifacts } = opened.storage;
    const sha256 = await kept(opened.storage, 'bytes');
    const freed = await artifacts.removeUnless(sha256, async () => {
      assert.equal(await artifacts.sizeOf(sha256), 5);
      return true;
    });
    assert.equal(freed, 0);
  });

  it('leaves alone what was kept anew while it asked', async () => {
    using opened = await openedStorage();
    const { artifacts } = opened.storage;
    const sha256 = await kept(opened.storage, 'bytes');
    const keptAnew = async (): Promise<boolean> => {
      await kept(opened.storage, 'bytes');
      return false;
    };
    await artifacts.removeUnless(sha256, onceAway(keptAnew));
    assert.equal(await artifacts.sizeOf(sha256), 5);
  });

  it('lets a publication link what is asked about', async () => {
    using opened = await openedStorage();
    const { artifacts, publications } = opened.storage;
    const sha256 = await kept(opened.storage, 'bytes');
    await using tree = await publications.begin('a'.repeat(24));
    const linked = async (): Promise<boolean> => {
      await tree.link('a.rpm', sha256);
      return true;
    };
    await artifacts.removeUnless(sha256, onceAway(linked));
    assert.equal(readFileSync(`${tree.directory}/a.rpm`, 'utf8'), 'bytes');
  });
});

/** Nobody refers to it before it is moved away; then `isReferred` says whether somebody does. */
function onceAway(isReferred: () => Promise<boolean>): () => Promise<boolean> {
  let isAway = false;
  return async () => {
    if (isAway) return isReferred();
    isAway = true;
    return false;
  };
}

describe('Storage.sweep()', () => {
  it('ends removals of a process that died: puts back, or removes', async () => {
    using opened = await openedStorage();
    const { storage, directory } = opened;
    const trashed = ['referred', 'unreferred'].map((text) => {
      writeFileSync(`${directory}/trash/${sha256Of(text)}.0123456789abcdef`, text);
      return sha256Of(text);
    });
    const swept = await storage.sweep(async (sha256) => sha256 === trashed[0]);
    assert.deepEqual(swept, { temporary: 0, putBack: 1, removed: 1 });
    assert.deepEqual(await listed(storage.artifacts.list()), [trashed[0]]);
    assert.equal(filesBelow(directory).length, 1);
  });
});
