/** A real lighttpd for one test, in a directory of its own. */

import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { run, stop, until } from './processes.ts';
import { temporaryDirectory } from './temporary.ts';

/** Starts lighttpd with `configuration`, which says where it listens and what it serves. */
export async function startLighttpd(configuration: string): Promise<AsyncDisposable> {
  const directory = temporaryDirectory();
  const file = directory.file('lighttpd.conf');
  const pidFile = directory.file('lighttpd.pid');
  const lines = [
    `server.document-root = "${directory.path}"`,
    `server.pid-file = "${pidFile}"`,
    `server.errorlog = "${directory.file('error.log')}"`,
    configuration,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const check = await run('lighttpd', ['-tt', '-f', file]);
  if (check.code !== 0) throw new Error(`lighttpd refused its configuration: ${check.stderr}`);
  const child = spawn('lighttpd', ['-D', '-f', file], { stdio: 'ignore' });
  await until('lighttpd writes its pid file', () => {
    if (child.exitCode !== null) throw new Error(`lighttpd exited with ${child.exitCode}`);
    return existsSync(pidFile);
  });
  return {
    [Symbol.asyncDispose]: async () => {
      await stop(child);
      directory[Symbol.dispose]();
    },
  };
}
