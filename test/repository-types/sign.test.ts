import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { openSigner } from '../../src/repository-types/gpg-signer.ts';
import { needs } from '../support/needs.ts';
import { run, runOk } from '../support/processes.ts';
import { createPublisher } from '../support/publish-job.ts';
import { signingKey } from '../support/signing-key.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const signal = AbortSignal.timeout(120_000);

describe('signed metadata', { skip: needs('gpg', 'createrepo_c') }, () => {
  it('is verified by the key beside it, with a passphrase or without', async () => {
    for (const passphrase of [undefined, 'a phrase with spaces']) {
      using directory = temporaryDirectory();
      const key = await signingKey(directory, passphrase);
      await using signer = await openSigner(key, directory.path, signal);
      await using publisher = await createPublisher();
      const published = await publisher.publish('yum_distributor', { signer });
      const repomd = path.join(published.directory, 'repodata/repomd.xml');
      assert.match(await verify(directory, [`${repomd}.asc`, repomd], `${repomd}.key`), /Good/);
      const { state, num_processed: done } = published.steps.at(-1) ?? {};
      assert.deepEqual([state, done], ['FINISHED', 1]);
      const text = directory.file('text');
      writeFileSync(text, 'a text\n');
      const signed = directory.file('signed');
      writeFileSync(signed, await signer.signInline(text, signal));
      assert.match(await verify(directory, [signed], `${repomd}.key`), /Good/);
    }
  });

  it('shows nothing of the secret key, and leaves no ring and no agent behind', async () => {
    using directory = temporaryDirectory();
    const key = await signingKey(directory);
    using temporary = temporaryDirectory();
    // Far longer than the path of a socket may be.
    const deep = temporary.file('x'.repeat(200));
    mkdirSync(deep);
    {
      await using signer = await openSigner(key, deep, signal);
      assert.equal(readdirSync(deep).length, 1);
      assert.match(signer.publicKey, /BEGIN PGP PUBLIC KEY BLOCK/);
      assert.doesNotMatch(signer.publicKey, /PRIVATE/);
    }
    assert.deepEqual(readdirSync(deep), []);
  });

  it('is not made with a file that holds no key, or with a wrong passphrase', async () => {
    using directory = temporaryDirectory();
    const wrong = directory.file('wrong.asc');
    writeFileSync(wrong, 'no key\n');
    for (const keyFile of [wrong, directory.file('missing')]) {
      const opening = openSigner({ keyFile, passphraseFile: undefined }, directory.path, signal);
      await assert.rejects(opening, { code: 'FILE_UNREADABLE' });
    }
    const key = await signingKey(directory, 'right');
    const passphraseFile = directory.file('other');
    writeFileSync(passphraseFile, 'wrong\n');
    await using signer = await openSigner({ ...key, passphraseFile }, directory.path, signal);
    await assert.rejects(signer.signDetached(wrong, signal), { code: 'PROGRAM_FAILED' });
  });
});

/** What gpg says of a signature, knowing one key alone. */
async function verify(
  directory: TemporaryDirectory,
  signed: readonly string[],
  key: string,
): Promise<string> {
  const ring = directory.file('ring.gpg');
  await runOk('gpg', ['--batch', '--yes', '--output', ring, '--dearmor', key]);
  const home = ['--homedir', directory.path, '--no-default-keyring', '--keyring', ring];
  const { code, stderr } = await run('gpg', ['--batch', ...home, '--verify', ...signed]);
  assert.equal(code, 0, stderr);
  return stderr;
}
