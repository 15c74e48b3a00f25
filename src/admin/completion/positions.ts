/** What can stand where in a command line, for the scripts of the shells. */

import { childrenOf, helpWord, leadingOptions, withGlobals } from '../arguments.ts';
import type { Command, CommandOption } from '../command.ts';

export const shells = ['bash', 'zsh'] as const;

export interface Choice {
  readonly word: string;
  readonly text: string;
}

/** A place in the tree of commands: behind these words. */
export interface Position {
  readonly path: string;
  readonly words: readonly Choice[];
  /** Options, as `--login`. */
  readonly flags: readonly Choice[];
  /** The options, long and short, that take the word behind them. */
  readonly valued: readonly string[];
}

/** Every section and every command, and before them the whole as no words. */
export function positionsOf(commands: readonly Command[]): readonly Position[] {
  const below = (path: readonly string[]): readonly Position[] => [
    positionAt(commands, path),
    ...childrenOf(commands, path).flatMap((word) => below([...path, word])),
  ];
  return below([]);
}

function positionAt(commands: readonly Command[], path: readonly string[]): Position {
  const command = commandAt(commands, path);
  const options = path.length === 0 ? leadingOptions : withGlobals(command?.options ?? {});
  const entries = Object.entries(options);
  return {
    path: path.join(' '),
    words: [
      ...(command?.path.join() === 'completion' ? shellChoices : wordsBelow(commands, path)),
      ...(path.length === 0 ? [helpWord] : []),
    ],
    flags: entries.map(([name, { text }]) => ({ word: `--${name}`, text })),
    valued: entries.filter(([, { value }]) => value !== undefined).flatMap(termsOf),
  };
}

const shellChoices: readonly Choice[] = shells.map((word) => ({ word, text: `for ${word}` }));

function wordsBelow(commands: readonly Command[], path: readonly string[]): readonly Choice[] {
  return childrenOf(commands, path).map((word) => {
    const here = [...path, word];
    const summary = commandAt(commands, here)?.summary;
    return { word, text: summary ?? `commands of ${here.join(' ')}` };
  });
}

function commandAt(commands: readonly Command[], path: readonly string[]): Command | undefined {
  return commands.find((command) => command.path.join(' ') === path.join(' '));
}

function termsOf([name, { short }]: readonly [string, CommandOption]): readonly string[] {
  return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
}
