/** The manual of `portcullis-admin`, from the commands' own words. */

import { manualList, manualPage, wrap } from '../terminal/manual.ts';
import { childrenOf, helpWord, leadingOptions, withGlobals } from './arguments.ts';
import type { Command, CommandOption } from './command.ts';
import { exitStatusTexts } from './exit-codes.ts';

/** Of everything below `path`; of the whole program where it is empty. */
export function overview(commands: readonly Command[], path: readonly string[]): string {
  const name = ['portcullis-admin', ...path].join(' ');
  const below = commands.filter((command) => path.every((word, at) => command.path[at] === word));
  const rows = below.map((command): [string, string] => [command.path.join(' '), command.summary]);
  const isWhole = path.length === 0;
  if (isWhole) rows.push([`${helpWord.word} COMMAND`, helpWord.text]);
  return manualPage([
    ['NAME', `${name} - ${sectionSummary(path)}`],
    ['SYNOPSIS', `${name} COMMAND [OPTION…]`],
    ['COMMANDS', manualList(rows)],
    ...(isWhole ? [['OPTIONS', optionList(leadingOptions)] as const] : []),
    ...(isWhole ? [['EXIT STATUS', manualList(statusRows())] as const] : []),
  ]);
}

export function manual(command: Command): string {
  const description = (command.description ?? []).map((text) => wrap(text)).join('\n\n');
  const name = ['portcullis-admin', ...command.path].join(' ');
  return manualPage([
    ['NAME', `${name} - ${command.summary}`],
    ['SYNOPSIS', synopsisOf(command)],
    ...(description === '' ? [] : [['DESCRIPTION', description] as const]),
    ['OPTIONS', optionList(withGlobals(command.options))],
    ['EXIT STATUS', manualList(statusRows())],
  ]);
}

/** `portcullis-admin auth user create --login NAME [OPTION…]` */
export function synopsisOf({ path, options, words }: Command): string {
  const required = Object.entries(options)
    .filter(([, { isRequired }]) => isRequired)
    .map(([name, { value = '' }]) => `--${name} ${value}`);
  const own = words === undefined ? [] : [words.synopsis];
  return ['portcullis-admin', ...path, ...own, ...required, '[OPTION…]'].join(' ');
}

/** `-u, --username NAME` */
export function optionTerm(name: string, { short, value }: CommandOption): string {
  const dashed = `${short === undefined ? '' : `-${short}, `}--${name}`;
  return value === undefined ? dashed : `${dashed} ${value}`;
}

/** Every command by its words, indented below its section. */
export function commandMap(commands: readonly Command[]): string {
  const lines = (path: readonly string[]): readonly string[] =>
    childrenOf(commands, path).flatMap((word) => {
      const here = [...path, word];
      const command = commands.find((one) => one.path.join(' ') === here.join(' '));
      const text = command === undefined ? word : `${word}: ${command.summary}`;
      return [`${'  '.repeat(path.length)}${text}`, ...lines(here)];
    });
  return `${lines([]).join('\n')}\n`;
}

function sectionSummary(path: readonly string[]): string {
  return path.length === 0
    ? 'administers a server of Portcullis, as pulp-admin does'
    : `commands of ${path.join(' ')}`;
}

function statusRows(): readonly (readonly [string, string])[] {
  return exitStatusTexts.map(([status, text]) => [String(status), text]);
}

function optionList(options: Readonly<Record<string, CommandOption>>): string {
  return manualList(
    Object.entries(options).map(([name, one]) => [optionTerm(name, one), one.text]),
  );
}
