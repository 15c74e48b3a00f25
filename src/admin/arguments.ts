/** The command line: the options of everybody, the words of a command, its options. */

import { nearest } from '../config/nearest.ts';
import { type Command, type CommandOption, Given } from './command.ts';
import { readOptions, usage } from './read-options.ts';

/** Before the words of a command; behind them too, where the command has no option of that name. */
export const globalOptions: Readonly<Record<string, CommandOption>> = {
  username: {
    value: 'NAME',
    short: 'u',
    text: 'Calls as this user, and not with the session certificate. The password is asked for.',
  },
  password: {
    value: 'PASSWORD',
    short: 'p',
    text: 'The password of that user. Every user of this host can read it while the command starts; without -p it is asked for.',
  },
  config: {
    value: 'FILE',
    text: 'Reads the settings from this file, and from no other.',
  },
  json: { text: 'Writes the answer of the server as JSON.' },
  verbose: {
    short: 'v',
    text: 'Tells of each call of the API on the standard error: its path, status and time.',
  },
  help: { short: 'h', text: 'Shows this help and ends.' },
};

/** Only before the words of a command. */
export const leadingOptions: Readonly<Record<string, CommandOption>> = {
  ...globalOptions,
  map: { text: 'Shows all commands as a tree and ends.' },
  version: { text: 'Shows the version and ends.' },
};

/** The word before those of a command, or of a section, whose manual is wanted. */
export const helpWord = { word: 'help', text: 'shows the manual of a command' } as const;

export interface CommandLine {
  readonly global: Given;
  /** Undefined where the words are those of a section, or there is none. */
  readonly command: Command | undefined;
  /** The words that were understood. */
  readonly path: readonly string[];
  readonly given: Given;
}

/** @throws PortcullisError USAGE */
export function readCommandLine(
  commands: readonly Command[],
  line: readonly string[],
): CommandLine {
  const head = readOptions(leadingOptions, line, { endsAtWord: true }, []);
  const isHelp = head.rest[0] === helpWord.word;
  const { path, rest } = takeWords(commands, isHelp ? head.rest.slice(1) : head.rest);
  const command = commands.find((one) => isSame(one.path, path));
  const own = command?.options ?? {};
  const tail = readOptions(withGlobals(own), rest, { endsAtWord: false }, path);
  const isOwn = (name: string): boolean => Object.hasOwn(own, name);
  const given = new Given(pick(tail.values, isOwn), tail.words);
  if (command === undefined) refuseLateWords(path, tail.words);
  const ofTail = pick(tail.values, (name) => !isOwn(name));
  const ofHelp: typeof ofTail = new Map(isHelp ? [['help', ['']]] : []);
  const global = new Given(new Map([...head.values, ...ofTail, ...ofHelp]));
  if (command !== undefined && !global.has('help')) checkGiven(command, given);
  return { global, command, path, given };
}

/** `auth --json user`: what follows an option is no word of the command. */
function refuseLateWords(path: readonly string[], [word]: readonly string[]): void {
  if (word === undefined) return;
  const right = 'the words of a command stand together, with options before and behind them';
  throw usage(path, `Cannot run ${JSON.stringify([...path, word].join(' '))}: ${right}`);
}

/** The options of a command, and those of everybody that do not collide with them. */
export function withGlobals(
  own: Readonly<Record<string, CommandOption>>,
): Readonly<Record<string, CommandOption>> {
  const shorts = new Set(Object.values(own).map(({ short }) => short));
  const free = Object.entries(globalOptions)
    .filter(([name]) => !Object.hasOwn(own, name))
    .map(([name, { short, ...option }]): [string, CommandOption] => [
      name,
      short === undefined || shorts.has(short) ? option : { ...option, short },
    ]);
  return { ...own, ...Object.fromEntries(free) };
}

/** As many words as name a section or a command. */
function takeWords(
  commands: readonly Command[],
  line: readonly string[],
): { readonly path: readonly string[]; readonly rest: readonly string[] } {
  let path: readonly string[] = [];
  for (;;) {
    const word = line[path.length];
    const next = childrenOf(commands, path);
    if (next.length === 0 || word === undefined || word.startsWith('-')) break;
    if (!next.includes(word)) {
      const near = nearest(word, next);
      const right = near === undefined ? 'there is no such command' : `did you mean ${near}`;
      const shown = JSON.stringify([...path, word].join(' '));
      throw usage(path, `Cannot run ${shown}: ${right}`);
    }
    path = [...path, word];
  }
  return { path, rest: line.slice(path.length) };
}

/** The words that can follow `path`, in the order of the manual. */
export function childrenOf(
  commands: readonly Command[],
  path: readonly string[],
): readonly string[] {
  const below = commands.filter(
    (command) =>
      command.path.length > path.length && isSame(command.path.slice(0, path.length), path),
  );
  return [...new Set(below.map((command) => command.path[path.length] ?? ''))];
}

function checkGiven({ path, options, words }: Command, given: Given): void {
  const name = path.join(' ');
  const count = words?.count ?? 0;
  if (given.words.length !== count) {
    const found = given.words.length === 0 ? 'nothing' : JSON.stringify(given.words.join(' '));
    const expected = words?.synopsis ?? 'options alone';
    throw usage(path, `Cannot run ${name} with ${found}: expected ${expected}`);
  }
  for (const [option, { value = '', isRequired, isRepeatable }] of Object.entries(options)) {
    if (isRequired && !given.has(option)) {
      throw usage(path, `Cannot run ${name}: --${option} ${value} is missing`);
    }
    if (!isRepeatable && value !== '' && given.all(option).length > 1) {
      throw usage(path, `Cannot use --${option} twice: once is right`);
    }
  }
}

function pick(
  values: ReadonlyMap<string, readonly string[]>,
  isWanted: (name: string) => boolean,
): ReadonlyMap<string, readonly string[]> {
  return new Map([...values].filter(([name]) => isWanted(name)));
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((word, index) => word === right[index]);
}
