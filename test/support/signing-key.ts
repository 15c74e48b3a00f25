/** A new OpenPGP key for tests, as an operator would export it. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SigningKey } from '../../src/repository-types/gpg-signer.ts';
import { runOk } from './processes.ts';
import type { TemporaryDirectory } from './temporary.ts';

export interface GeneratedKey extends SigningKey {
  /** What it is verified by, armored. */
  readonly publicKeyFile: string;
}

/** @param passphrase none without */
export async function signingKey(
  directory: TemporaryDirectory,
  passphrase?: string,
): Promise<GeneratedKey> {
  // Short, for the socket of gpg's agent.
  const home = mkdtempSync(path.join(tmpdir(), 'gpg-'));
  const env = { ...process.env, GNUPGHOME: home };
  const unlock = ['--batch', '--pinentry-mode', 'loopback', '--passphrase', passphrase ?? ''];
  try {
    const user = 'Acme <acme@example.com>';
    const kind = ['--quick-generate-key', user, 'ed25519', 'sign', 'never'];
    await runOk('gpg', [...unlock, '--quiet', ...kind], { env });
    const exported = [...unlock, '--armor', '--export-secret-keys'];
    mkdirSync(directory.path, { recursive: true });
    const keyFile = directory.file('signing-key.asc');
    writeFileSync(keyFile, await runOk('gpg', exported, { env }), { mode: 0o600 });
    const publicKeyFile = directory.file('public-key.asc');
    writeFileSync(publicKeyFile, await runOk('gpg', ['--armor', '--export'], { env }));
    if (passphrase === undefined) return { keyFile, publicKeyFile, passphraseFile: undefined };
    const passphraseFile = directory.file('passphrase');
    writeFileSync(passphraseFile, `${passphrase}\n`, { mode: 0o600 });
    return { keyFile, publicKeyFile, passphraseFile };
  } finally {
    await runOk('gpgconf', ['--kill', 'gpg-agent'], { env });
    rmSync(home, { recursive: true, force: true });
  }
}
