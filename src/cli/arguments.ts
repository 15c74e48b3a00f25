/** The command line, read so that every slip is answered with what would be right. */

import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import { overridableSettings } from '../config/overrides.ts';
import { PortcullisError } from '../errors.ts';
import type { Arguments, Command, CommandOption } from './command.ts';

/** The options of every command. */
const commonOptions: Readonly<Record<string, CommandOption>> = {
  help: { text: 'Shows this help and ends.' },
};

/** The options of every command that reads the configuration. */
export const configurationOptions: Readonly<Record<string, CommandOption>> = {
  config: {
    value: 'FILE',
    text: 'The configuration file, YAML or JSON. Else PORTCULLIS_CONFIG names it, else it is /etc/portcullis/portcullis.yaml.',
  },
};

/** Every option of a command besides the settings. */
export function optionsOf(command: Command): Readonly<Record<string, CommandOption>> {
  return {
    ...command.options,
    ...(command.isConfigured ? configurationOptions : {}),
    ...commonOptions,
  };
}

/** @throws PortcullisError USAGE */
export function readArguments(command: Command, line: readonly string[]): Arguments {
  const options = optionsOf(command);
  const settingFlags = command.isConfigured ? flagsOfSettings() : [];
  const takesValue = [
    ...Object.keys(options).filter((name) => options[name]?.value !== undefined),
    ...settingFlags,
  ];
  const { tokens } = parseArgs({
    args: [...line],
    options: Object.fromEntries(takesValue.map((name) => [name, { type: 'string' }])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words: string[] = [];
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    if (!takesValue.includes(name) && !Object.hasOwn(options, name)) {
      throw unknownOption(command, rawName, [...Object.keys(options), ...settingFlags]);
    }
    if (given.has(name)) throw usage(command, `Cannot use ${rawName} twice: once is right`);
    given.set(name, takesValue.includes(name) ? needValue(command, token) : '');
    if (!takesValue.includes(name) && value !== undefined && inlineValue) {
      throw usage(command, `Cannot use ${rawName} with a value: it is a switch`);
    }
  }
  if (!given.has('help')) checkWords(command, words);
  return {
    words,
    options: new Map([...given].filter(([name]) => !settingFlags.includes(name))),
    settings: Object.fromEntries([...given].filter(([name]) => settingFlags.includes(name))),
  };
}

function flagsOfSettings(): readonly string[] {
  return overridableSettings().flatMap(({ flag }) => flag ?? []);
}

/** @param message "Cannot <act> <thing>: <state, and what would be right>" */
export function usage(command: Command | undefined, message: string): PortcullisError {
  const help = command === undefined ? 'portcullis --help' : `portcullis ${command.name} --help`;
  return new PortcullisError('USAGE', `${message}; see ${help}`);
}

interface OptionToken {
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

/** `--config --json` was meant as two options; a value that begins with a dash is joined by `=`. */
function needValue(command: Command, { rawName, value, inlineValue }: OptionToken): string {
  if (value === undefined || (!inlineValue && value.startsWith('-'))) {
    throw usage(command, `Cannot use ${rawName}: it needs a value, as ${rawName}=VALUE`);
  }
  return value;
}

function unknownOption(
  command: Command,
  rawName: string,
  known: readonly string[],
): PortcullisError {
  const near = nearest(rawName.replace(/^-+/, ''), known);
  const right = near === undefined ? 'there is no such option' : `did you mean --${near}`;
  return usage(command, `Cannot use ${JSON.stringify(rawName).slice(1, -1)}: ${right}`);
}

function checkWords({ words: { min, max }, ...command }: Command, words: readonly string[]): void {
  if (words.length >= min && words.length <= max) return;
  const none = command.isConfigured ? 'no word; the configuration is --config FILE' : 'no word';
  const expected = command.synopsis === '' ? none : command.synopsis;
  const found = words.length === 0 ? 'nothing' : JSON.stringify(words.join(' '));
  throw new PortcullisError(
    'USAGE',
    `Cannot run ${command.name} with ${found}: expected ${expected}; see portcullis ${command.name} --help`,
  );
}
