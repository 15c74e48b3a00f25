import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runOk } from '../support/processes.ts';
import { openedStorage, sha256Of } from './opened.ts';
import { uploadBytes } from './upload-bytes.ts';

const program = new URL('upload-writer.ts', import.meta.url).pathname;
const id = '0'.repeat(32);
const size = 40_000;

describe('Uploads', () => {
  it('T80 has the bytes that were sent when three processes send them at once, in chunks of their own', async () => {
    using opened = await openedStorage();
    const { uploads } = opened.storage;
    await uploads.create(id);
    const outcomes = await Promise.all(
      [700, 1100, 1900].map(async (chunkBytes) => {
        const args = [program, opened.directory, id, String(size), String(chunkBytes)];
        return JSON.parse((await runOk(process.execPath, args)).toString()) as readonly string[];
      }),
    );
    for (const outcome of outcomes.flat())
      assert.ok(['written', 'busy'].includes(outcome), outcome);
    const file = await uploads.seal(id, new AbortController().signal);
    assert.equal(file?.sha256, sha256Of(uploadBytes(size)));
  });
});
