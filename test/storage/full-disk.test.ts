import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsRoot } from '../support/needs.ts';
import { onSmallDisk } from '../support/small-disk.ts';
import { chunks, filesBelow, kept, listed, received, sha256Of } from './opened.ts';

const id = '0'.repeat(32);
const publication = '0'.repeat(24);
const signal = new AbortController().signal;
const full = { code: 'STORAGE_FULL', message: /no space is left for the storage/ };

describe('the storage on a full disk', { skip: needsRoot() }, () => {
  it('receives no file that does not fit, and leaves nothing of it', (context) =>
    onSmallDisk(context, async (storage, disk) => {
      const sha256 = await kept(storage, 'before');
      await assert.rejects(received(storage, endless()), full);
      assert.deepEqual(filesBelow(`${disk.directory}/temporary`), []);
      assert.deepEqual(await listed(storage.artifacts.list()), [sha256]);
      assert.equal(await kept(storage, 'after'), sha256Of('after'));
    }));

  it('takes no chunk that does not fit, and goes on behind what was acknowledged', (context) =>
    onSmallDisk(context, async ({ uploads }, disk) => {
      await uploads.create(id);
      await uploads.write(id, 0, chunks('0123'));
      await assert.rejects(uploads.write(id, 4, endless()), full);
      assert.deepEqual(filesBelow(`${disk.directory}/temporary`), []);
      disk.fill();
      await assert.rejects(uploads.write(id, 4, chunks('4567')), full);
      await assert.rejects(uploads.create('f'.repeat(32)), full);
      disk.free();
      assert.equal(await uploads.sizeOf(id), 4);
      await uploads.write(id, 4, chunks('4567'));
      assert.equal((await uploads.seal(id, signal))?.sha256, sha256Of('01234567'));
    }));

  it('seals an upload once there is space', (context) =>
    onSmallDisk(context, async ({ uploads }, disk) => {
      await uploads.create(id);
      const bytes = Buffer.alloc(100_000, 'x');
      await uploads.write(id, 0, chunks(bytes));
      disk.fill();
      await assert.rejects(uploads.seal(id, signal), full);
      disk.free();
      assert.equal((await uploads.seal(id, signal))?.sha256, sha256Of(bytes));
    }));

  it('publishes nothing half, and what is there stays', (context) =>
    onSmallDisk(context, async (storage, disk) => {
      const sha256 = await kept(storage, 'before');
      const { publications } = storage;
      {
        await using tree = await publications.begin(publication);
        await tree.link('a.rpm', sha256);
        await assert.rejects(tree.write('primary.xml', Buffer.alloc(4 * 1024 ** 2)), full);
        disk.fill();
        await assert.rejects(tree.link('Packages/a.rpm', sha256), full);
        await assert.rejects(tree.commit(), full);
      }
      assert.deepEqual(await listed(publications.list()), []);
      disk.free();
      await using tree = await publications.begin(publication);
      await tree.link('a.rpm', sha256);
      await tree.commit();
      assert.deepEqual(await listed(publications.list()), [publication]);
    }));

  it('removes, although there is no space', (context) =>
    onSmallDisk(context, async (storage, disk) => {
      const sha256 = await kept(storage, 'before');
      disk.fill();
      assert.equal(await storage.artifacts.removeUnless(sha256, async () => false), 6);
      assert.deepEqual(filesBelow(disk.directory), []);
    }));
});

async function* endless(): AsyncIterable<Uint8Array> {
  for (;;) yield Buffer.alloc(64 * 1024);
}
