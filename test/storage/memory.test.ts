import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { uploadAlone } from '../../bench/storage.ts';
import { temporaryDirectory } from '../support/temporary.ts';

describe('Uploads', () => {
  it('takes, seals and keeps more bytes than the process may have in memory', async () => {
    using directory = temporaryDirectory();
    const { residentMebibytes } = await uploadAlone(directory.file('storage'), 160);
    assert.ok(residentMebibytes < 100, `${residentMebibytes} MiB`);
  });
});
