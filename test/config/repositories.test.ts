import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadConfiguration } from '../../src/config/load.ts';

describe('the settings of repositories', () => {
  it('sign nothing and serve no tree in place unless somebody says so', async () => {
    const loaded = await loadConfiguration({ environment: {}, flags: {} });
    assert.ok('configuration' in loaded);
    const { gpgKeyFile, gpgPassphraseFile, directoryRoots } = loaded.configuration.repositories;
    assert.deepEqual([gpgKeyFile, gpgPassphraseFile, directoryRoots], [undefined, undefined, []]);
  });

  it('refuse a passphrase without its key, and the root of the file system', async () => {
    assert.deepEqual(await placesOf({ 'repositories-gpg-passphrase-file': '/p' }), [
      'repositories.gpgPassphraseFile',
    ]);
    assert.deepEqual(await placesOf({ 'repositories-directory-roots': '/' }), [
      'repositories.directoryRoots[0]',
    ]);
  });
});

async function placesOf(flags: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const loaded = await loadConfiguration({ environment: {}, flags });
  assert.ok('problems' in loaded);
  return loaded.problems.map(({ at }) => at);
}
