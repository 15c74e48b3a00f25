/** The options of a part of the command line; every slip is answered with what would be right. */

import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import { PortcullisError } from '../errors.ts';
import type { CommandOption } from './command.ts';

export interface ReadOptions {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly words: readonly string[];
  /** From the first word on, when reading ended there. */
  readonly rest: readonly string[];
}

/** @throws PortcullisError USAGE for an option that is not one of `options`, or lacks its value */
export function readOptions(
  options: Readonly<Record<string, CommandOption>>,
  line: readonly string[],
  { endsAtWord }: { readonly endsAtWord: boolean },
  path: readonly string[],
): ReadOptions {
  const { tokens } = parseArgs({
    args: [...line],
    options: Object.fromEntries(
      Object.entries(options).map(([name, { value, short }]) => [
        name,
        { type: value === undefined ? 'boolean' : 'string', ...(short && { short }) } as const,
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, readonly string[]>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (endsAtWord) return { values, words, rest: line.slice(token.index) };
      words.push(token.value);
    }
    if (token.kind !== 'option') continue;
    const value = optionValue(token, options, path);
    values.set(token.name, [...(values.get(token.name) ?? []), value]);
  }
  return { values, words, rest: [] };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function optionValue(
  { name, rawName, value, inlineValue }: OptionToken,
  options: Readonly<Record<string, CommandOption>>,
  path: readonly string[],
): string {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  const shown = JSON.stringify(rawName).slice(1, -1);
  if (option === undefined) {
    throw usage(path, `Cannot use ${shown}: ${rightOption(name, options)}`);
  }
  if (option.value === undefined) {
    if (inlineValue) throw usage(path, `Cannot use ${shown} with a value: it is a switch`);
    return '';
  }
  // `--login --json` was meant as two; a value that begins with a dash is joined to its option.
  if (value === undefined || (!inlineValue && value.startsWith('-'))) {
    throw usage(path, `Cannot use ${shown}: it needs a value, as --${name}=${option.value}`);
  }
  return value;
}

function rightOption(name: string, options: Readonly<Record<string, CommandOption>>): string {
  // `-p` of the user who calls, behind the words of a command that takes a password of another.
  if (name === 'u' || name === 'p') return `-${name} stands before the words of the command here`;
  const near = nearest(name, Object.keys(options));
  return near === undefined ? 'there is no such option' : `did you mean --${near}`;
}

/** @param message "Cannot <act> <thing>: <state, and what would be right>" */
export function usage(path: readonly string[], message: string): PortcullisError {
  const help = ['portcullis-admin', ...path, '--help'].join(' ');
  return new PortcullisError('USAGE', `${message}; see ${help}`);
}
