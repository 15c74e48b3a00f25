#!/usr/bin/env node
/** The program `portcullis`: finds the command, runs it, and sets the exit status. */

import packageJson from '../../package.json' with { type: 'json' };
import { nearest } from '../config/nearest.ts';
import { systemCodeOf, systemReason } from '../errors.ts';
import { describeFailure } from '../terminal/output.ts';
import { readArguments, usage } from './arguments.ts';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { guardExit } from './exit-guard.ts';
import { manual, overview } from './help.ts';

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

/**
 * Runs `main` for the process. A reader that went away, as `head` does, is no failure of ours; a full
 * disk is one, whether it is met before `main` has ended or after.
 */
async function runProcess(): Promise<void> {
  let isOutputLost = false;
  process.stdout.on('error', (error) => {
    if (isOutputLost || systemCodeOf(error) === 'EPIPE') return;
    isOutputLost = true;
    process.exitCode = exitCodes.outputFailed;
    process.stderr.write(`Cannot write the output: ${systemReason(error)}\n`);
  });
  const code = await main(process.argv.slice(2));
  if (!isOutputLost) process.exitCode = code;
}

/**
 * How long what was left behind (a plugin's timer, a log that nobody reads) may keep the process after
 * its command is done, in milliseconds.
 */
const lingerMs = 2000;

if (import.meta.main) {
  using _guard = guardExit();
  await runProcess();
  setTimeout(() => process.exit(), lingerMs).unref();
}
