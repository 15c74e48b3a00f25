/**
 * Writes what follows from the source: pages of docs/, and the example in deploy/nginx/.
 *
 *     node scripts/generate-docs.ts [--check]
 *
 * With `--check` it writes nothing, and fails when a file is not what it would write.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfiguration } from '../src/config/load.ts';
import { renderNginxConfig } from '../src/front/nginx-config.ts';
import { adminPage } from './docs/admin.ts';
import { cliPage } from './docs/cli.ts';
import { configurationPage } from './docs/configuration.ts';
import { errorsPage } from './docs/errors.ts';

const root = path.dirname(import.meta.dirname);

/** The text of each generated file, by its path in the tree. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const example = path.join(root, 'deploy/nginx/portcullis.yaml');
  return new Map([
    ['deploy/nginx/portcullis.conf', await renderExample(example)],
    ['docs/admin.md', adminPage()],
    ['docs/cli.md', cliPage()],
    ['docs/configuration.md', configurationPage(readFileSync(example, 'utf8'))],
    ['docs/errors.md', errorsPage()],
  ]);
}

/** The files that are not what would be written. */
export async function staleFiles(): Promise<readonly string[]> {
  return [...(await generatedFiles())]
    .filter(([name, text]) => {
      const file = path.join(root, name);
      return !existsSync(file) || readFileSync(file, 'utf8') !== text;
    })
    .map(([name]) => name);
}

async function renderExample(file: string): Promise<string> {
  const loaded = await loadConfiguration({ file, environment: {}, flags: {} });
  if ('configuration' in loaded) return renderNginxConfig(loaded.configuration);
  throw new Error(loaded.problems.map(({ at, message }) => `${at}: ${message}`).join('\n'));
}

async function main(args: readonly string[]): Promise<number> {
  const stale = await staleFiles();
  if (args.includes('--check')) {
    for (const name of stale) {
      console.error(`${name} is not what the source says; run node scripts/generate-docs.ts`);
    }
    return stale.length === 0 ? 0 : 1;
  }
  for (const [name, text] of await generatedFiles()) writeFileSync(path.join(root, name), text);
  for (const name of stale) console.log(`wrote ${name}`);
  return 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
