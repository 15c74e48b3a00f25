/** The manual, from the commands' own words. */

import { manualList, manualPage, wrap } from '../terminal/manual.ts';
import { optionsOf } from './arguments.ts';
import type { Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';

const commonExitStatus: Readonly<Record<number, string>> = {
  [exitCodes.ok]: 'Success.',
  [exitCodes.usage]: 'The command line is wrong.',
  [exitCodes.noInput]: 'A file cannot be read.',
  [exitCodes.software]: 'A defect of Portcullis or of a plugin.',
  [exitCodes.outputFailed]: 'The output cannot be written.',
};

const configuredExitStatus: Readonly<Record<number, string>> = {
  [exitCodes.configuration]: 'The configuration has mistakes.',
};

/** The exit status of a command, by number. */
export function exitStatusOf(command: Command): Readonly<Record<number, string>> {
  return {
    ...commonExitStatus,
    ...(command.isConfigured ? configuredExitStatus : {}),
    ...command.exitStatus,
  };
}

export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }): [string, string] => [name, summary]);
  return manualPage([
    ['NAME', 'portcullis - delivers protected repositories to the clients entitled to them'],
    ['SYNOPSIS', 'portcullis COMMAND [OPTION…]\nportcullis --version'],
    ['COMMANDS', manualList([...rows, ['help COMMAND', 'shows the manual of a command']])],
  ]);
}

export function manual(command: Command): string {
  const options = Object.entries(optionsOf(command)).map(([name, { value, text }]) => {
    return [value === undefined ? `--${name}` : `--${name} ${value}`, text] as [string, string];
  });
  const statuses = Object.entries(exitStatusOf(command)) as [string, string][];
  const examples = command.examples.map(({ text, line }) => `${wrap(text)}\n\n  ${line}`);
  return manualPage([
    ['NAME', `portcullis ${command.name} - ${command.summary}`],
    ['SYNOPSIS', `portcullis ${command.name} ${command.synopsis}${synopsisEnd(command)}`],
    ['DESCRIPTION', command.description.map(wrap).join('\n\n')],
    ['OPTIONS', manualList(options)],
    ...(command.isConfigured ? [['SETTINGS', settingsText] as [string, string]] : []),
    ['EXIT STATUS', manualList(statuses)],
    ['EXAMPLES', examples.join('\n\n')],
  ]);
}

const settingsText = `${wrap(
  'Every setting but the distributions, the further pools and the mounts of an application can be given as a flag or a variable (a secret as a variable alone), named after its path: listen.uwsgi.address is --listen-uwsgi-address ADDRESS and PORTCULLIS_LISTEN_UWSGI_ADDRESS. A flag wins over a variable, a variable over the file. docs/configuration.md describes them all.',
)}`;

function synopsisEnd(command: Command): string {
  const hasOptions = Object.keys(command.options).length > 0 || command.isConfigured;
  return hasOptions ? `${command.synopsis === '' ? '' : ' '}[OPTION…]` : '';
}
