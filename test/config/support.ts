/** Configurations of tests, loaded from real files. */

import { writeFileSync } from 'node:fs';
import type { Configuration } from '../../src/config/configuration.ts';
import { type LoadedConfiguration, loadConfiguration } from '../../src/config/load.ts';
import { temporaryDirectory } from '../support/temporary.ts';

export interface LoadOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, string>>;
}

/** Loads `text` from a file named portcullis.yaml. */
export async function load(
  text: string | Buffer,
  options: LoadOptions = {},
): Promise<LoadedConfiguration & { readonly directory: string }> {
  using directory = temporaryDirectory();
  const file = directory.file('portcullis.yaml');
  writeFileSync(file, text);
  const sources = { environment: {}, flags: {}, ...options, file };
  return { ...(await loadConfiguration(sources)), directory: directory.path };
}

/** As {@link load}, for a text without mistakes. */
export async function loadRight(
  text: string,
  options: LoadOptions = {},
): Promise<Configuration & { readonly directory: string }> {
  const loaded = await load(text, options);
  if ('configuration' in loaded) return { ...loaded.configuration, directory: loaded.directory };
  throw new Error(`unexpected problems: ${JSON.stringify(loaded.problems)}`);
}

/** The problems of a text, each as `AT: MESSAGE`. */
export async function problemsOf(
  text: string | Buffer,
  options: LoadOptions = {},
): Promise<readonly string[]> {
  const loaded = await load(text, options);
  if ('configuration' in loaded) throw new Error('expected problems, found none');
  return loaded.problems.map(({ at, message }) => `${at}: ${message}`);
}
