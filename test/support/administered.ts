/** An installation with a control plane of its own: a private directory, and an administrator in the store. */

import { chmodSync, writeFileSync } from 'node:fs';
import type { Configuration } from '../../src/config/configuration.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { readPassword } from '../../src/identity/password-text.ts';
import { createAdministrator } from '../../src/work/administrator.ts';
import { basic } from './application.ts';
import { temporaryDirectory } from './temporary.ts';

export const administrator = { login: 'admin', password: 'right horse' };

/** The value of the administrator's Authorization header. */
export const asAdministrator = basic(administrator.login, administrator.password);

export interface ControlPlaneDirectory extends Disposable {
  readonly path: string;
  file(name: string): string;
  /** The groups `store` and `api` of a configuration, in the directory. */
  readonly settings: {
    readonly store: { readonly file: string };
    readonly api: { readonly sessionCertificate: string; readonly sessionKey: string };
  };
}

/** Mode 0700: the store and the key of sessions lie nowhere else. */
export function controlPlaneDirectory(): ControlPlaneDirectory {
  const directory = temporaryDirectory();
  chmodSync(directory.path, 0o700);
  return {
    ...directory,
    settings: {
      store: { file: directory.file('portcullis.db') },
      api: {
        sessionCertificate: directory.file('session-ca.pem'),
        sessionKey: directory.file('session-ca.key'),
      },
    },
    [Symbol.dispose]: directory[Symbol.dispose],
  };
}

/** Reads what would stand in the file `portcullis.yaml` of the directory. */
export async function configurationIn(
  directory: Pick<ControlPlaneDirectory, 'file'>,
  written: object,
): Promise<Configuration> {
  const file = directory.file('portcullis.yaml');
  writeFileSync(file, JSON.stringify(written));
  const loaded = await loadConfiguration({ file, environment: {}, flags: {} });
  if ('configuration' in loaded) return loaded.configuration;
  throw new Error(JSON.stringify(loaded.problems));
}

/** Makes the administrator, whom every store of the tests has. */
export async function administer(configuration: Configuration): Promise<void> {
  const { login, password: text } = administrator;
  const password = readPassword(text);
  if ('problem' in password) throw new Error(password.problem);
  const outcome = await createAdministrator(configuration, { login, password });
  if (outcome === 'taken') throw new Error(`there is a user ${login} already`);
}
