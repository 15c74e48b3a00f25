/** The real program, run to its end. */

import { writeFileSync } from 'node:fs';
import { portcullisProgram } from '../support/portcullis.ts';
import { run } from '../support/processes.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs `portcullis` with a bare environment: no locale, and no variable of ours. */
export async function portcullis(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const { code, stdout, stderr } = await run(process.execPath, [portcullisProgram, ...args], {
    env: { PATH, NODE_COMPILE_CACHE, ...options.environment },
    cwd: options.cwd ?? '/',
    input: options.input ?? '',
  });
  return { code, out: stdout.toString(), err: stderr };
}

export interface ConfiguredDirectory extends TemporaryDirectory {
  readonly configuration: string;
}

/** A directory with the file portcullis.yaml in it. */
export function directoryWith(yaml: string): ConfiguredDirectory {
  const directory = temporaryDirectory();
  const configuration = directory.file('portcullis.yaml');
  writeFileSync(configuration, yaml);
  return { ...directory, configuration, [Symbol.dispose]: directory[Symbol.dispose] };
}

/** Whether a text holds what only a stack trace has. */
export function hasStackTrace(text: string): boolean {
  return /^\s+at .+:\d+/m.test(text);
}
