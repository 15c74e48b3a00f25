#!/usr/bin/env node
/** The program `portcullis-admin`: reads its line, runs the command, and sets the exit status. */

import packageJson from '../../package.json' with { type: 'json' };
import { systemCodeOf, systemReason } from '../errors.ts';
import { describeFailure, printable } from '../terminal/output.ts';
import { type CommandLine, readCommandLine } from './arguments.ts';
import type { Command, Context, Given } from './command.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';
import { commandMap, manual, overview } from './help.ts';
import { Output } from './present/output.ts';
import { createCaller } from './server/call.ts';
import { askCredentials, type Identity, identify } from './server/identity.ts';
import { loadSettings } from './settings/load.ts';
import type { AdminSettings } from './settings/settings.ts';

/** @returns the exit status; everything that was thrown has been told by then */
export async function main(line: readonly string[]): Promise<number> {
  try {
    return await dispatch(readCommandLine(commands, line));
  } catch (error) {
    const { text, code } = describeFailure(error);
    process.stderr.write(`${text}\n`);
    return code;
  }
}

async function dispatch({ global, command, path, given }: CommandLine): Promise<number> {
  if (global.has('version')) return tell(`portcullis-admin ${packageJson.version}\n`);
  if (global.has('map')) return tell(commandMap(commands));
  if (global.has('help')) return tell(command ? manual(command) : overview(commands, path));
  if (command === undefined) {
    process.stderr.write(overview(commands, path));
    return exitCodes.usage;
  }
  const output = new Output(
    { out: process.stdout, err: process.stderr },
    { isJson: global.has('json') },
  );
  const failure = await run(command, given, global, output);
  if (failure === undefined) return exitCodes.ok;
  output.failed(failure);
  return failure.exitCode;
}

function tell(text: string): number {
  process.stdout.write(text);
  return exitCodes.ok;
}

async function run(
  command: Command,
  given: Given,
  global: Given,
  output: Output,
): Promise<Failure | undefined> {
  const settings = await loadSettings(global.one('config'));
  return settings instanceof Failure
    ? settings
    : command.run(contextOf(settings, global, output), given);
}

function contextOf(settings: AdminSettings, global: Given, output: Output): Context {
  const named = { username: global.one('username'), password: global.one('password') };
  const trace = (line: string): void => {
    if (global.has('verbose')) process.stderr.write(`${printable(line)}\n`);
  };
  const callWith = (who: () => Promise<Identity | Failure>) =>
    createCaller({ settings, identify: who, trace });
  return {
    settings,
    output,
    call: callWith(() => identify(named, settings)),
    callAs: (identity) => callWith(async () => identity),
    askCredentials: (options) => askCredentials(named, settings, options),
  };
}

/** A reader that went away, as `head` does, is no failure of ours; a full disk is one. */
async function runProcess(): Promise<void> {
  // Node keeps its title where the command line was, and the password of -p with it: no longer.
  process.title = 'portcullis-admin';
  let isOutputLost = false;
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error) => {
    if (isOutputLost || systemCodeOf(error) === 'EPIPE') return;
    isOutputLost = true;
    process.exitCode = exitCodes.connection;
    process.stderr.write(`Cannot write the output: ${systemReason(error)}\n`);
  });
  const code = await main(process.argv.slice(2));
  if (!isOutputLost) process.exitCode = code;
}

if (import.meta.main) await runProcess();
