/** The sample's first administrator, made in its store before anything runs. */

import { loadConfiguration, requireRight } from '../../src/config/load.ts';
import { readPassword } from '../../src/identity/password-text.ts';
import { createAdministrator } from '../../src/work/administrator.ts';

export const administrator = 'admin';

/**
 * @param file of the configuration, which says where the store is
 * @throws PortcullisError STORE_… when the store cannot be made
 */
export async function makeAdministrator(file: string, passwordText: string): Promise<void> {
  const loaded = await loadConfiguration({ file, environment: {}, flags: {} });
  const { configuration } = requireRight(loaded);
  const password = readPassword(passwordText);
  if ('problem' in password) throw new Error(`its password is wrong: ${password.problem}`);
  await createAdministrator(configuration, { login: administrator, password });
}
