/** docs/cli.md, from the commands' own words. */

import { optionsOf } from '../../src/cli/arguments.ts';
import type { Command } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { exitStatusOf } from '../../src/cli/help.ts';
import { capitalise, code, generatedNote, table } from './markdown.ts';

export function cliPage(): string {
  const contents = commands.map(
    ({ name, summary }) => `- [${code(`portcullis ${name}`)}](#portcullis-${name}) ${summary}`,
  );
  return `# The command line

${generatedNote}

${contents.join('\n')}

${code('portcullis help COMMAND')} and ${code('portcullis COMMAND --help')} show the same text in a
terminal, ${code('portcullis --version')} shows the version.

A mistake of the operator is answered with one sentence for each problem: what cannot be done, and
what would be right. A stack trace means a defect, in Portcullis or in a plugin. Whatever ends the
process before its command is done, as a plugin that calls ${code('process.exit')}, ends it with 70.

Commands that read the configuration take ${code('--config FILE')} and a flag for each setting; see
[the configuration](configuration.md#variables-and-flags).

${commands.map(commandSection).join('\n\n')}
`;
}

function commandSection(command: Command): string {
  const { name, summary, synopsis, description } = command;
  const options = Object.entries(optionsOf(command)).map(([option, { value, text }]) => [
    code(value === undefined ? `--${option}` : `--${option} ${value}`),
    text,
  ]);
  const statuses = Object.entries(exitStatusOf(command)).map(([status, text]) => [status, text]);
  const examples = command.examples.map(({ text, line }) => `${text}\n\n\`\`\`sh\n${line}\n\`\`\``);
  return `## portcullis ${name}

${capitalise(summary)}.

\`\`\`
portcullis ${[name, synopsis, '[OPTION…]'].filter((word) => word !== '').join(' ')}
\`\`\`

${description.join('\n\n')}

${table(['Option', 'Meaning'], options)}

${table(['Exit status', 'Meaning'], statuses)}

${examples.join('\n\n')}`;
}
