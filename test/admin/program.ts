/** `portcullis-admin`: a command in this process, or the real program. */

import path from 'node:path';
import { readCommandLine } from '../../src/admin/arguments.ts';
import { commands } from '../../src/admin/commands.ts';
import { Output, type Streams } from '../../src/admin/present/output.ts';
import { createCaller } from '../../src/admin/server/call.ts';
import { askCredentials, identify } from '../../src/admin/server/identity.ts';
import type { AdminSettings } from '../../src/admin/settings/settings.ts';
import { describeFailure } from '../../src/terminal/output.ts';
import { run } from '../support/processes.ts';
import { repositoryRoot } from '../support/source-tree.ts';

export const adminProgram = path.join(repositoryRoot, 'src/admin/main.ts');

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command with these settings: all of the program but its files and its process. */
export async function runCommand(line: readonly string[], settings: AdminSettings): Promise<Ran> {
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const streams = { out: stream('out'), err: stream('err') };
  const code = await runWith(line, settings, streams).catch((error) => {
    const failure = describeFailure(error);
    streams.err.write(`${failure.text}\n`);
    return failure.code;
  });
  return { code, ...written };
}

async function runWith(
  line: readonly string[],
  settings: AdminSettings,
  streams: Streams,
): Promise<number> {
  const { command, global, given } = readCommandLine(commands, line);
  if (command === undefined) throw new Error(`there is no command in ${line.join(' ')}`);
  const output = new Output(streams, { isJson: global.has('json') });
  const named = { username: global.one('username'), password: global.one('password') };
  const trace = (): void => {};
  const failure = await command.run(
    {
      settings,
      output,
      call: createCaller({ settings, identify: () => identify(named, settings), trace }),
      callAs: (identity) => createCaller({ settings, identify: async () => identity, trace }),
      askCredentials: (options) => askCredentials(named, settings, options),
    },
    given,
  );
  if (failure !== undefined) output.failed(failure);
  return failure?.exitCode ?? 0;
}

export interface RunOptions {
  readonly home: string;
  readonly input?: string;
}

/** The real program, of somebody whose home is `home`. */
export async function portcullisAdmin(
  args: readonly string[],
  { home, input = '' }: RunOptions,
): Promise<Ran> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const { code, stdout, stderr } = await run(process.execPath, [adminProgram, ...args], {
    env: { PATH, NODE_COMPILE_CACHE, HOME: home },
    cwd: '/',
    input,
  });
  return { code, out: stdout.toString(), err: stderr };
}
