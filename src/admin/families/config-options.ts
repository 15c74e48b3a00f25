/** Options that become the configuration of an importer or distributor. */

import { readTextFile } from '../../identity/read-file.ts';
import type { CommandOption, Given } from '../command.ts';
import { usage } from '../read-options.ts';

/** The longest file that an option names, in bytes: what the server takes of one. */
export const configFileBytesMax = 256 * 1024;

export interface ConfigOption {
  /** In the configuration. */
  readonly key: string;
  readonly kind: 'text' | 'flag' | 'number' | 'file' | 'names';
  /** Sentences. */
  readonly text: string;
}

/** By the option, as `relative-url`. */
export type ConfigOptions = Readonly<Record<string, ConfigOption>>;

const values: Readonly<Record<ConfigOption['kind'], string>> = {
  text: 'TEXT',
  flag: 'true|false',
  number: 'NUMBER',
  file: 'FILE',
  names: 'NAMES',
};

export function commandOptionsOf(
  options: ConfigOptions,
  required: readonly string[] = [],
): Readonly<Record<string, CommandOption>> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { kind, text }]): [string, CommandOption] => [
      name,
      { value: values[kind], text, ...(required.includes(name) && { isRequired: true }) },
    ]),
  );
}

/**
 * What the line says, by key; an empty value is null, which takes the option away.
 *
 * @throws PortcullisError USAGE, FILE_UNREADABLE
 */
export async function configOf(
  options: ConfigOptions,
  given: Given,
  path: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const config: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    const text = given.one(name);
    if (text === undefined) continue;
    config[option.key] = text === '' ? null : await readValue(name, option, text, path);
  }
  return config;
}

async function readValue(
  name: string,
  { kind }: ConfigOption,
  text: string,
  path: readonly string[],
): Promise<unknown> {
  switch (kind) {
    case 'file':
      return readTextFile(text, configFileBytesMax, `read --${name}`);
    case 'flag':
      return flagOf(name, text, path);
    case 'number':
      if (/^\d{1,15}$/.test(text)) return Number(text);
      throw usage(path, `Cannot use --${name} ${JSON.stringify(text)}: expected a whole number`);
    case 'names':
      return text.split(',').map((word) => word.trim());
    default:
      return text;
  }
}

function flagOf(name: string, text: string, path: readonly string[]): boolean {
  const word = text.toLowerCase();
  if (word === 'true' || word === 'false') return word === 'true';
  throw usage(path, `Cannot use --${name} ${JSON.stringify(text)}: expected true or false`);
}
