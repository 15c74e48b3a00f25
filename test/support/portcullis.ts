/** The real Portcullis for one test: the command line's `serve`, with a configuration of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { stop, until } from './processes.ts';
import { repositoryRoot } from './source-tree.ts';
import { temporaryDirectory } from './temporary.ts';

export type LogLine = Readonly<Record<string, unknown>>;

export interface Portcullis extends AsyncDisposable {
  /** The configuration file. */
  readonly file: string;
  readonly child: ChildProcess;
  /** The lines of the JSON log so far. */
  log(): readonly LogLine[];
  /** Everything else that it wrote, which should be nothing. */
  otherOutput(): readonly string[];
}

export const portcullisProgram = path.join(repositoryRoot, 'src/cli/main.ts');

/**
 * With one worker, unless the configuration says otherwise.
 *
 * @param configuration as it would be written in the file; relative paths are the test's mistake
 * @param flags further ones of the command line
 */
export async function startPortcullis(
  configuration: object,
  flags: readonly string[] = [],
): Promise<Portcullis> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(temporaryDirectory());
  const file = directory.file('portcullis.yaml');
  writeFileSync(file, JSON.stringify({ workers: 1, ...configuration }));
  const line = [portcullisProgram, 'serve', '--config', file, ...flags];
  const child = spawn(process.execPath, line, { stdio: ['ignore', 'pipe', 'pipe'] });
  stack.defer(() => stop(child));
  const output = collect(child);
  await until(
    'Portcullis is ready',
    () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${output.text()}`);
      return output.log().some((line) => line.message === 'ready');
    },
    60_000,
  );
  const owned = stack.move();
  return {
    file,
    child,
    log: output.log,
    otherOutput: output.other,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function collect(child: ChildProcess) {
  let text = '';
  const append = (chunk: Buffer): void => {
    text += chunk.toString();
  };
  child.stdout?.on('data', append);
  child.stderr?.on('data', append);
  // What follows the last line feed may be half a line.
  const lines = (): readonly string[] => text.split('\n').slice(0, -1);
  const isJson = (line: string): boolean => line.startsWith('{');
  return {
    text: () => text,
    log: () =>
      lines()
        .filter(isJson)
        .map((line): LogLine => JSON.parse(line)),
    other: () => lines().filter((line) => !isJson(line)),
  };
}
