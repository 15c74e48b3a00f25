import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { needs } from '../support/needs.ts';
import { signingKey } from '../support/signing-key.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { openPublishing, type Publishing } from './publishing.ts';

const yum = {
  distributor: 'yum_distributor',
  config: { relative_url: 'acme', http: false, https: true },
};

describe('a publish that cannot be made', { skip: needs('createrepo_c', 'gpg') }, () => {
  it('names the program that is missing, and the package that brings it', async () => {
    await using publishing = await openPublishing(yum);
    using empty = temporaryDirectory();
    const { PATH } = process.env;
    process.env.PATH = empty.path;
    try {
      const { error } = await publishing.publish();
      assert.equal(error?.code, 'PLP0034');
      assert.match(error?.description ?? '', /createrepo_c is not installed.*createrepo-c/);
    } finally {
      process.env.PATH = PATH;
    }
    assert.equal((await publishing.publish()).state, 'finished', 'it is there again');
  });

  it('shows nothing of the files and words of programs, which the log has', async () => {
    using directory = temporaryDirectory();
    const gpgKeyFile = directory.file('no-key.asc');
    const settings = { repositories: { gpgKeyFile } };
    await using publishing = await openPublishing({ ...yum, settings });
    const { error } = await publishing.publish();
    assert.equal(error?.code, 'PLP0034');
    assert.doesNotMatch(JSON.stringify(error), /no-key/);
    assert.equal((await publishing.distribution()).publication, null);
    assert.deepEqual(await publishing.publications.ofRepository('acme'), []);
  });

  it('is signed by the key of the settings, unless its distributor says otherwise', async () => {
    using directory = temporaryDirectory();
    const { keyFile: gpgKeyFile, passphraseFile } = await signingKey(directory, 'a phrase');
    const settings = { repositories: { gpgKeyFile, gpgPassphraseFile: passphraseFile } };
    await using publishing = await openPublishing({ ...yum, settings });
    assert.equal((await publishing.publish()).state, 'finished');
    assert.ok(existsSync(await signatureOf(publishing)));
    const unsigned = await publishing.publish({ gpg_sign_metadata: false });
    assert.equal(unsigned.state, 'finished');
    assert.equal(existsSync(await signatureOf(publishing)), false);
  });

  it('is refused where a signature is asked for and there is no key', async () => {
    await using publishing = await openPublishing(yum);
    const { error } = await publishing.publish({ gpg_sign_metadata: true });
    assert.equal(error?.code, 'PLP0034');
    assert.match(error?.description ?? '', /repositories\.gpgKeyFile/);
    assert.equal((await publishing.distribution()).publication, null);
    assert.equal((await publishing.publish()).state, 'finished');
  });

  it('asks for no key where there is no metadata to sign', async () => {
    using directory = temporaryDirectory();
    const settings = { repositories: { gpgKeyFile: directory.file('missing.asc') } };
    await using publishing = await openPublishing({ settings });
    assert.equal((await publishing.publish()).state, 'finished');
  });

  it('leaves a history, of what was skipped and what failed as well', async () => {
    await using publishing = await openPublishing();
    await publishing.add('iso', 'one', { name: 'a' });
    await publishing.publish();
    await publishing.publish();
    await publishing.add('iso', 'two', { name: 'a' });
    await publishing.publish();
    const found = await publishing.history();
    assert.deepEqual(
      found.map(({ result }) => result),
      ['failed', 'skipped', 'success'],
    );
    assert.match(found[0]?.error_message ?? '', /two files of the name "a"/);
  });
});

async function signatureOf(publishing: Publishing): Promise<string> {
  const { publication } = await publishing.distribution();
  const directory = publishing.parts.storage.publications.directoryOf(publication ?? '');
  return path.join(directory, 'repodata/repomd.xml.asc');
}
