/** What the real web servers of tests have in common: checked, started, awaited, and gone in the end. */

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { run, stop, until } from './processes.ts';
import type { TemporaryDirectory } from './temporary.ts';

export interface WebServer {
  readonly program: string;
  /** The arguments that have it check its configuration and end. */
  readonly checkArguments: readonly string[];
  /** The arguments that have it serve in the foreground. */
  readonly serveArguments: readonly string[];
  readonly pidFile: string;
}

/** @param directory what the server keeps; it goes with it, also when it does not start */
export async function startWebServer(
  { program, checkArguments, serveArguments, pidFile }: WebServer,
  directory: TemporaryDirectory,
): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  stack.use(directory);
  const check = await run(program, checkArguments);
  if (check.code !== 0) throw new Error(`${program} refused its configuration: ${check.stderr}`);
  const child = spawn(program, serveArguments, { stdio: 'ignore' });
  stack.defer(() => stop(child));
  await until(`${program} writes its pid file`, () => {
    if (child.exitCode !== null) throw new Error(`${program} exited with ${child.exitCode}`);
    return existsSync(pidFile) && readFileSync(pidFile, 'utf8').trim() !== '';
  });
  return stack.move();
}
