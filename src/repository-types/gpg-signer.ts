/**
 * Signs metadata with OpenPGP, by `gpg`. The key is taken into a keyring of its own, which goes with the
 * signer and its agent: no keyring of a user is looked at, and none is left behind.
 */

import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { PortcullisError } from '../errors.ts';
import type { MetadataSigner, ProgramNeed } from './repository-type.ts';
import { type ProgramOptions, runProgram } from './run-program.ts';

export interface SigningKey {
  /** The secret key, as `gpg --export-secret-keys` writes it. */
  readonly keyFile: string;
  /** Its passphrase in the first line; undefined for a key without. */
  readonly passphraseFile: string | undefined;
}

export const signerPrograms: readonly ProgramNeed[] = [
  { program: 'gpg', packages: { debian: 'gnupg', fedora: 'gnupg2' } },
  { program: 'gpgconf', packages: { debian: 'gnupg', fedora: 'gnupg2' } },
];

const timeLimitSeconds = 60;
const outputBytesMax = 64 * 1024 * 1024;

/**
 * @param workDirectory of this process alone: the keyring is in it
 * @throws PortcullisError FILE_UNREADABLE for a file that holds no secret key, or several;
 *   PROGRAM_MISSING, PROGRAM_FAILED
 */
export async function openSigner(
  key: SigningKey,
  workDirectory: string,
  signal: AbortSignal,
): Promise<MetadataSigner & AsyncDisposable> {
  const directory = await mkdtemp(path.join(workDirectory, 'keyring-'));
  const keyring = new Keyring(directory, await open(directory), key);
  try {
    await keyring.take(signal);
    return {
      publicKey: (await keyring.run(['--armor', '--export'], signal)).toString(),
      signDetached: (file, until) => keyring.sign('--detach-sign', file, until),
      signInline: (file, until) => keyring.sign('--clear-sign', file, until),
      [Symbol.asyncDispose]: () => keyring.drop(),
    };
  } catch (error) {
    await keyring.drop();
    throw error;
  }
}

class Keyring {
  readonly #directory: string;
  readonly #handle: FileHandle;
  readonly #key: SigningKey;

  constructor(directory: string, handle: FileHandle, key: SigningKey) {
    this.#directory = directory;
    this.#handle = handle;
    this.#key = key;
  }

  /** The directory by a name of few bytes, because the agent's sockets in it may have 107. */
  get #home(): string {
    return `/proc/${process.pid}/fd/${this.#handle.fd}`;
  }

  async take(signal: AbortSignal): Promise<void> {
    const { keyFile } = this.#key;
    try {
      await this.run(['--import', '--', keyFile], signal);
    } catch (error) {
      if (!(error instanceof PortcullisError) || error.code !== 'PROGRAM_FAILED') throw error;
      throw unusable(keyFile, 'gpg cannot read it as an OpenPGP key', error);
    }
    const listed = await this.run(['--with-colons', '--list-secret-keys'], signal);
    const secrets = listed.toString().match(/^sec:/gm)?.length ?? 0;
    if (secrets !== 1)
      throw unusable(keyFile, `it holds ${secrets} secret keys, and has to hold one`);
  }

  sign(how: '--detach-sign' | '--clear-sign', file: string, signal: AbortSignal): Promise<Buffer> {
    const { passphraseFile } = this.#key;
    const passphrase = passphraseFile === undefined ? [] : ['--passphrase-file', passphraseFile];
    const args = [...passphrase, '--digest-algo', 'SHA512', '--armor', how, '--output', '-'];
    return this.run([...args, '--', file], signal);
  }

  run(args: readonly string[], signal: AbortSignal): Promise<Buffer> {
    const common = ['--batch', '--no-tty', '--quiet', '--pinentry-mode', 'loopback'];
    return runProgram('gpg', [...common, ...args], this.#options(signal));
  }

  /** Ends the agent, which would be there for good otherwise. */
  async drop(): Promise<void> {
    const args = ['--kill', 'gpg-agent'];
    await runProgram('gpgconf', args, this.#options(AbortSignal.timeout(10_000))).catch(() => {});
    await this.#handle.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #options(signal: AbortSignal): ProgramOptions {
    const environment = { GNUPGHOME: this.#home };
    return { signal, timeLimitSeconds, outputBytesMax, directory: this.#directory, environment };
  }
}

function unusable(file: string, state: string, cause?: unknown): PortcullisError {
  return new PortcullisError('FILE_UNREADABLE', `Cannot sign with ${file}: ${state}`, { cause });
}
