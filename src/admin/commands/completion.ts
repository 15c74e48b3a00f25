/** `portcullis-admin completion`. */

import type { Command } from '../command.ts';
import { bashScript } from '../completion/bash.ts';
import { positionsOf, shells } from '../completion/positions.ts';
import { zshScript } from '../completion/zsh.ts';
import { usage } from '../read-options.ts';

const scripts = { bash: bashScript, zsh: zshScript } as const;

/** @param commands all of them, which are completed */
export function createCompletion(commands: () => readonly Command[]): Command {
  const completion: Command = {
    path: ['completion'],
    summary: 'writes what makes a shell complete commands and options',
    description: [
      'For bash: source <(portcullis-admin completion bash), or write it to /usr/share/bash-completion/completions/portcullis-admin.',
      'For zsh: write it to a file named _portcullis-admin in a directory of fpath, as /usr/local/share/zsh/site-functions; or, behind compinit, source <(portcullis-admin completion zsh).',
    ],
    options: {},
    words: { synopsis: shells.join('|'), count: 1 },
    run: async ({ output }, { words: [word] }) => {
      const shell = shells.find((one) => one === word);
      if (shell === undefined) {
        const shown = JSON.stringify(word);
        throw usage(
          completion.path,
          `Cannot complete in ${shown}: expected ${shells.join(' or ')}`,
        );
      }
      output.text(scripts[shell](positionsOf(commands())));
      return undefined;
    },
  };
  return completion;
}
