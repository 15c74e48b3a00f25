/** The program `portcullis`: finds the command, runs it, and sets the exit status. */

import packageJson from '../../package.json' with { type: 'json' };
import { nearest } from '../config/nearest.ts';
import { readArguments, usage } from './arguments.ts';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { guardExit } from './exit-guard.ts';
import { manual, overview } from './help.ts';
import { describeFailure } from './output.ts';

/** @returns the exit status; everything that was thrown has been told by then */
export async function main(line: readonly string[]): Promise<number> {
  try {
    return await dispatch(line);
  } catch (error) {
    const { text, code } = describeFailure(error);
    process.stderr.write(`${text}\n`);
    return code;
  }
}

async function dispatch([name, ...rest]: readonly string[]): Promise<number> {
  switch (name) {
    case '--version':
      process.stdout.write(`portcullis ${packageJson.version}\n`);
      return exitCodes.ok;
    case undefined:
      process.stderr.write(overview(commands));
      return exitCodes.usage;
    case '--help':
    case 'help':
      process.stdout.write(rest[0] === undefined ? overview(commands) : manual(find(rest[0])));
      return exitCodes.ok;
    default:
      return run(find(name), rest);
  }
}

async function run(command: Command, line: readonly string[]): Promise<number> {
  const args = readArguments(command, line);
  if (args.options.has('help')) {
    process.stdout.write(manual(command));
    return exitCodes.ok;
  }
  return command.run(args);
}

function find(name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    commands.map((command) => command.name),
  );
  const right = near === undefined ? 'there is no such command' : `did you mean ${near}`;
  throw usage(undefined, `Cannot run ${JSON.stringify(name)}: ${right}`);
}

/** A reader that went away, as `head` does, is no failure of ours. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

if (import.meta.main) {
  using _guard = guardExit();
  process.stdout.on('error', ignoreClosedPipe);
  process.exitCode = await main(process.argv.slice(2));
}
