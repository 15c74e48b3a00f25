/** Portcullis as it is installed: what the image copies, with the packages that are no developer's. */

import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import packageLock from '../../package-lock.json' with { type: 'json' };
import { repositoryRoot } from './source-tree.ts';

/** @param names of what is copied from the checkout */
export function install(directory: string, names: readonly string[]): void {
  for (const name of names) {
    cpSync(path.join(repositoryRoot, name), path.join(directory, name), { recursive: true });
  }
  for (const [name, details] of Object.entries(packageLock.packages)) {
    const installed = path.join(repositoryRoot, name);
    // What lies inside another package comes with it.
    const isTop = name.lastIndexOf('node_modules/') === 0;
    if (!isTop || 'dev' in details || !existsSync(installed)) continue;
    const link = path.join(directory, name);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(installed, link);
  }
}
