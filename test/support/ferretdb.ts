/** FerretDB 1, which speaks MongoDB's protocol over SQLite files: built once, where Go is. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, globSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { isInstalled } from './processes.ts';

const source = path.join(import.meta.dirname, 'ferretdb');
const cache = path.resolve(import.meta.dirname, '../../node_modules/.cache/ferretdb');

/** The program; its name holds a digest of its sources, so that an old one is never taken for a new. */
export function ferretdbProgram(): string {
  const digest = createHash('sha256');
  for (const file of globSync('*', { cwd: source }).sort()) {
    digest.update(readFileSync(path.join(source, file)));
  }
  return path.join(cache, digest.digest('hex').slice(0, 16));
}

export function isFerretdbBuilt(): boolean {
  try {
    accessSync(ferretdbProgram(), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Builds it if it is not there. What cannot be built is left for the tests to skip. */
export function buildFerretdb(): void {
  if (isFerretdbBuilt() || !isInstalled('go')) return;
  console.log('Building FerretDB');
  const unfinished = path.join(cache, `unfinished-${process.pid}`);
  mkdirSync(cache, { recursive: true });
  const { status } = spawnSync('nice', ['-n', '15', 'go', 'build', '-o', unfinished, '.'], {
    cwd: source,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status === 0) renameSync(unfinished, ferretdbProgram());
  else console.log('Cannot build it: Go failed, its own words are above');
}
