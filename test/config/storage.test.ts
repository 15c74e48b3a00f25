import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StorageConfiguration } from '../../src/config/configuration.ts';
import { loadConfiguration } from '../../src/config/load.ts';

describe('the settings of the storage', () => {
  it('lies beside the store, wherever that lies, unless it is said to lie elsewhere', async () => {
    assert.equal((await storageOf({})).directory, '/var/lib/portcullis/storage');
    const flags = { 'store-file': '/data/p.db' };
    assert.equal((await storageOf(flags)).directory, '/data/storage');
    const named = { ...flags, 'storage-directory': '/srv/p' };
    assert.equal((await storageOf(named)).directory, '/srv/p');
  });

  it('has defaults that an operator need not think of', async () => {
    const { directory: _, ...rest } = await storageOf({});
    assert.deepEqual(rest, {
      uploadBytesMax: 100 * 1024 ** 3,
      uploadExpireSeconds: 7 * 24 * 3600,
      publicationGraceSeconds: 24 * 3600,
      publicationsKept: 3,
    });
  });

  it('refuses a directory that nginx would take for a variable, and keeping none', async () => {
    assert.deepEqual(await placesOf({ 'storage-directory': '/srv/$p' }), ['storage.directory']);
    assert.deepEqual(await placesOf({ 'storage-publications-kept': '0' }), [
      'storage.publicationsKept',
    ]);
  });
});

async function storageOf(flags: Readonly<Record<string, string>>): Promise<StorageConfiguration> {
  const loaded = await loadConfiguration({ environment: {}, flags });
  assert.ok('configuration' in loaded);
  return loaded.configuration.storage;
}

async function placesOf(flags: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const loaded = await loadConfiguration({ environment: {}, flags });
  assert.ok('problems' in loaded);
  return loaded.problems.map(({ at }) => at);
}
