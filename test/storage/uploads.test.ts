import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { describe, it } from 'node:test';
import { openStorage } from '../../src/storage/open-storage.ts';
import { chunks, filesBelow, listed, openedStorage, sha256Of } from './opened.ts';

const id = '0123456789abcdef0123456789abcdef';
const signal = new AbortController().signal;

describe('Uploads', () => {
  it('has what was written chunk by chunk, and its digest once it is sealed', async () => {
    using opened = await openedStorage();
    const { uploads } = opened.storage;
    await uploads.create(id);
    assert.equal(await uploads.sizeOf(id), 0);
    assert.deepEqual(await uploads.write(id, 0, chunks('one')), { outcome: 'written', size: 3 });
    assert.deepEqual(await uploads.write(id, 3, chunks(' t', 'wo')), {
      outcome: 'written',
      size: 7,
    });
    assert.equal(await uploads.sizeOf(id), 7);
    const file = await uploads.seal(id, signal);
    assert.equal(file?.sha256, sha256Of('one two'));
    assert.equal(file.size, 7);
    assert.equal(readFileSync(file.path, 'utf8'), 'one two');
    assert.equal(await uploads.sizeOf(id), 7);
    assert.deepEqual(await listed(uploads.list()), [id]);
  });

  it('T80 takes a chunk again that is there already, with more behind it, and no other bytes', async () => {
    using opened = await openedStorage();
    const { uploads } = opened.storage;
    await uploads.create(id);
    await uploads.write(id, 0, chunks('0123'));
    await uploads.write(id, 4, chunks('4567'));
    assert.deepEqual(await uploads.write(id, 0, chunks('0123')), { outcome: 'written', size: 8 });
    assert.deepEqual(await uploads.write(id, 2, chunks('2', '34567', '89')), {
      outcome: 'written',
      size: 10,
    });
    assert.deepEqual(await uploads.write(id, 2, chunks('23x567')), {
      outcome: 'differs',
      size: 10,
    });
    assert.deepEqual(await uploads.write(id, 9, chunks('x')), { outcome: 'differs', size: 10 });
    assert.deepEqual(await uploads.write(id, 11, chunks('x')), { outcome: 'gap', size: 10 });
    assert.deepEqual(await uploads.write(id, 10, chunks()), { outcome: 'written', size: 10 });
    assert.equal((await uploads.seal(id, signal))?.sha256, sha256Of('0123456789'));
  });

  it('T80 takes nothing any more once it is sealed, and seals again to the same', async () => {
    using opened = await openedStorage();
    const { uploads } = opened.storage;
    await uploads.create(id);
    await uploads.write(id, 0, chunks('0123'));
    const sealed = await uploads.seal(id, signal);
    assert.deepEqual(await uploads.write(id, 0, chunks('0123')), { outcome: 'closed' });
    assert.deepEqual(await uploads.write(id, 4, chunks('4')), { outcome: 'closed' });
    assert.deepEqual(await uploads.seal(id, signal), sealed);
  });

  it('takes as many bytes as it may and not one more', async () => {
    using opened = await openedStorage({ uploadBytesMax: 8 });
    const { uploads } = opened.storage;
    await uploads.create(id);
    await uploads.write(id, 0, chunks('0123'));
    const tooLarge = { outcome: 'too-large', bytesMax: 8 };
    assert.deepEqual(await uploads.write(id, 4, chunks('4567', '8')), tooLarge);
    assert.equal(await uploads.sizeOf(id), 4);
    assert.deepEqual(await uploads.write(id, 4, chunks('4567')), { outcome: 'written', size: 8 });
    assert.deepEqual(await uploads.write(id, 8, chunks('8')), tooLarge);
  });

  it('keeps whole chunks of a connection that breaks, and can be resumed behind them', async () => {
    using opened = await openedStorage();
    const { uploads } = opened.storage;
    await uploads.create(id);
    await uploads.write(id, 0, chunks('0123'));
    const breaking = async function* (): AsyncIterable<Uint8Array> {
      yield Buffer.from('45');
      throw new Error('the connection broke');
    };
    await assert.rejects(uploads.write(id, 4, breaking()), /the connection broke/);
    assert.equal(await uploads.sizeOf(id), 4);
    assert.equal(filesBelow(`${opened.directory}/temporary`).length, 0);
    assert.deepEqual(await uploads.write(id, 4, chunks('4567')), { outcome: 'written', size: 8 });
  });

  it('says what is not there, was removed, or is no id (T28)', async () => {
    using opened = await openedStorage();
    const { uploads } = opened.storage;
    assert.deepEqual(await uploads.write(id, 0, chunks('0')), { outcome: 'missing' });
    assert.equal(await uploads.sizeOf(id), undefined);
    assert.equal(await uploads.seal(id, signal), undefined);
    await uploads.create(id);
    await uploads.write(id, 0, chunks('0'));
    const removing = async function* (): AsyncIterable<Uint8Array> {
      await uploads.remove(id);
      yield Buffer.from('1');
    };
    assert.deepEqual(await uploads.write(id, 1, removing()), { outcome: 'missing' });
    await uploads.remove(id);
    assert.deepEqual(filesBelow(opened.directory), []);
    await assert.rejects(uploads.create('../../../../../../etc/portcullis'), TypeError);
    await assert.rejects(uploads.write('..', 0, chunks('0')), TypeError);
  });

  it('sees what another process wrote, removed and began anew', async () => {
    using opened = await openedStorage();
    const { directory } = opened;
    const other = await openStorage({ directory, uploadBytesMax: 1024 });
    const { uploads } = opened.storage;
    await uploads.create(id);
    await uploads.write(id, 0, chunks('0123'));
    await uploads.write(id, 4, chunks('4567'));
    await other.uploads.write(id, 8, chunks('89'));
    assert.equal(await uploads.sizeOf(id), 10);
    await other.uploads.remove(id);
    assert.equal(await uploads.sizeOf(id), undefined);
    await other.uploads.create(id);
    assert.equal(await uploads.sizeOf(id), 0);
    await other.uploads.write(id, 0, chunks('012345'));
    assert.equal(await uploads.sizeOf(id), 6);
  });

  it('adds one of two chunks that are written at the same place at once', async () => {
    using opened = await openedStorage();
    const { uploads } = opened.storage;
    await uploads.create(id);
    const { promise: both, resolve } = Promise.withResolvers<void>();
    let waiting = 0;
    const together = async function* (text: string): AsyncIterable<Uint8Array> {
      yield Buffer.from(text);
      waiting += 1;
      if (waiting === 2) resolve();
      await both;
    };
    const results = await Promise.all([
      uploads.write(id, 0, together('aaaa')),
      uploads.write(id, 0, together('bbbb')),
    ]);
    assert.deepEqual(results.map(({ outcome }) => outcome).sort(), ['busy', 'written']);
    const winner = results[0]?.outcome === 'written' ? 'aaaa' : 'bbbb';
    assert.equal((await uploads.seal(id, signal))?.sha256, sha256Of(winner));
  });

  it('seals an empty upload, and one that was sealed half by a process that died', async () => {
    using opened = await openedStorage();
    const { uploads } = opened.storage;
    await uploads.create(id);
    const file = await uploads.seal(id, signal);
    assert.equal(file?.size, 0);
    assert.equal(statSync(file.path).mode & 0o777, 0o440);
    const aborted = new AbortController();
    const other = 'f'.repeat(32);
    await uploads.create(other);
    await uploads.write(other, 0, chunks('0123'));
    await uploads.write(other, 4, chunks('4567'));
    aborted.abort(new Error('stopped'));
    await assert.rejects(uploads.seal(other, aborted.signal), /stopped/);
    assert.deepEqual(await uploads.write(other, 8, chunks('8')), { outcome: 'closed' });
    assert.equal((await uploads.seal(other, signal))?.sha256, sha256Of('01234567'));
  });

  it('seals by several at once to the same file', async () => {
    using opened = await openedStorage();
    const { uploads } = opened.storage;
    await uploads.create(id);
    let text = '';
    for (let index = 0; index < 50; index += 1) {
      await uploads.write(id, text.length, chunks(String(index)));
      text += String(index);
    }
    const other = await openStorage({ directory: opened.directory, uploadBytesMax: 1024 });
    const sealed = await Promise.all(
      [uploads, other.uploads, uploads, other.uploads].map((each) => each.seal(id, signal)),
    );
    for (const each of sealed) assert.equal(each?.sha256, sha256Of(text));
  });
});
