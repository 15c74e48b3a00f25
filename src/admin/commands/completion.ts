/** `portcullis-admin completion`. */

import { childrenOf, leadingOptions, withGlobals } from '../arguments.ts';
import type { Command, CommandOption } from '../command.ts';
import { usage } from '../read-options.ts';

/** @param commands all the others, which are completed with this one */
export function createCompletion(commands: () => readonly Command[]): Command {
  const completion: Command = {
    path: ['completion'],
    summary: 'writes what makes a shell complete commands and options',
    description: [
      'For bash: source <(portcullis-admin completion bash), or write it to /usr/share/bash-completion/completions/portcullis-admin.',
    ],
    options: {},
    words: { synopsis: 'bash', count: 1 },
    run: async (_, { words: [shell] }) => {
      if (shell !== 'bash') {
        throw usage(completion.path, `Cannot complete in ${JSON.stringify(shell)}: expected bash`);
      }
      process.stdout.write(bashScript(commands()));
      return undefined;
    },
  };
  return completion;
}

/** A function that walks the words before the cursor as the program does. */
function bashScript(commands: readonly Command[]): string {
  const paths = allPaths(commands);
  const cases = paths.map((path) => {
    const command = commands.find((one) => one.path.join(' ') === path.join(' '));
    const next = path.join(' ') === 'completion' ? ['bash'] : childrenOf(commands, path);
    const options =
      path.length === 0
        ? leadingOptions
        : command === undefined
          ? {}
          : withGlobals(command.options);
    const flags = Object.keys({ ...options, ...(command === undefined && { help: {} }) });
    return `    '${path.join(' ')}') next='${next.join(' ')}' flags='${flags.map((name) => `--${name}`).join(' ')}' ;;`;
  });
  return `# bash completion of portcullis-admin
_portcullis_admin() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local words='' next='' flags='' index word
  COMPREPLY=()
  _portcullis_admin_look
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case "$word" in
      ${valueOptions(commands).join('|')}) ((index++)) ;;
      -*) ;;
      *) if [[ " $next " == *" $word "* ]]; then
           words=\${words:+$words }$word
           _portcullis_admin_look
         fi ;;
    esac
  done
  case "$previous" in
    --config) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    ${valueOptions(commands)
      .filter((option) => option !== '--config')
      .join('|')}) return ;;
  esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -W "$next" -- "$current")
  fi
}
_portcullis_admin_look() {
  case "$words" in
${cases.join('\n')}
  esac
}
complete -F _portcullis_admin portcullis-admin
`;
}

/** Every section and every command, and the whole as no words. */
function allPaths(commands: readonly Command[]): readonly (readonly string[])[] {
  const below = (path: readonly string[]): readonly (readonly string[])[] => [
    path,
    ...childrenOf(commands, path).flatMap((word) => below([...path, word])),
  ];
  return below([]);
}

/** The options that take the word behind them; a letter that is a switch anywhere is none. */
function valueOptions(commands: readonly Command[]): readonly string[] {
  const all = [leadingOptions, ...commands.map(({ options }) => options)].flatMap(
    (options): readonly [string, CommandOption][] => Object.entries(options),
  );
  const terms = ([name, { short }]: readonly [string, CommandOption]): readonly string[] => [
    `--${name}`,
    ...(short === undefined ? [] : [`-${short}`]),
  ];
  const switches = new Set(all.filter(([, { value }]) => value === undefined).flatMap(terms));
  const valued = all.filter(([, { value }]) => value !== undefined).flatMap(terms);
  return [...new Set(valued)].filter((term) => !switches.has(term));
}
