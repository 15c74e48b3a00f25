/** Authenticators of content that were installed beside Pulp's own. */

import { parseIni } from '../config/ini.ts';
import type { Installation } from './installation.ts';

/** Pulp's own, which looks at entitlement certificates. */
export const ownAuthenticator = 'oid_validation';

/** The longest list of a Python package's entry points, in bytes. */
const entryPointsBytesMax = 1024 * 1024;

export interface Authenticator {
  readonly name: string;
  /** Where it is declared, on this host. */
  readonly file: string;
}

/** Python packages declare them; Pulp asks all of them for each request over HTTPS. */
export async function findAuthenticators(
  installation: Installation,
): Promise<readonly Authenticator[]> {
  const found: Authenticator[] = [];
  for (const directory of await sitePackages(installation)) {
    for (const { name } of await installation.list(directory)) {
      if (!/\.(?:egg|dist)-info$/.test(name)) continue;
      const file = `${directory}/${name}/entry_points.txt`;
      const text = await installation.readText(file, entryPointsBytesMax);
      for (const { section, key } of parseIni(text ?? '').entries) {
        if (section !== 'pulp_content_authenticators' || key === ownAuthenticator) continue;
        found.push({ name: key, file: installation.onHost(file) });
      }
    }
  }
  return found;
}

async function sitePackages(installation: Installation): Promise<readonly string[]> {
  const found: string[] = [];
  for (const parent of ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/usr/local/lib64']) {
    for (const { name } of await installation.list(parent)) {
      if (!/^python[23](?:\.\d+)?$/.test(name)) continue;
      found.push(`${parent}/${name}/site-packages`, `${parent}/${name}/dist-packages`);
    }
  }
  return found;
}
