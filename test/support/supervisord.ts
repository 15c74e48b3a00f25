/** A real supervisord for one test, in a directory of its own. */

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { run, runOk, stop, until } from './processes.ts';
import { temporaryDirectory } from './temporary.ts';

export interface Supervisord extends AsyncDisposable {
  /** Runs `supervisorctl` and returns what it says; throws when it fails. */
  control(...args: readonly string[]): Promise<string>;
  /** What `supervisorctl status` says of each process, as `portcullis:portcullis-1 RUNNING`. */
  states(): Promise<readonly string[]>;
}

/** @param programs the sections of its configuration that say what it runs */
export async function startSupervisord(programs: string): Promise<Supervisord> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(temporaryDirectory());
  const file = directory.file('supervisord.conf');
  writeFileSync(file, `${mainConfiguration(directory.path)}\n${programs}`);
  const child = spawn('supervisord', ['--nodaemon', '--configuration', file], { stdio: 'ignore' });
  // It waits for what it runs as long as the programs say; so they are stopped before.
  stack.defer(() => stop(child));
  const control = ['--configuration', file];
  stack.defer(() => run('supervisorctl', [...control, 'stop', 'all']).then(() => {}));
  const status = async (): Promise<string> =>
    (await run('supervisorctl', [...control, 'status'])).stdout.toString();
  await until('supervisord answers', async () => {
    if (child.exitCode !== null) throw new Error(`supervisord exited with ${child.exitCode}`);
    return /RUNNING|STARTING|BACKOFF|FATAL|EXITED/.test(await status());
  });
  const owned = stack.move();
  return {
    control: async (...args) => (await runOk('supervisorctl', [...control, ...args])).toString(),
    states: async () =>
      (await status())
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/\s+/).slice(0, 2).join(' ')),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function mainConfiguration(directory: string): string {
  return `[supervisord]
logfile=${directory}/supervisord.log
pidfile=${directory}/supervisord.pid
childlogdir=${directory}
[unix_http_server]
file=${directory}/control.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${directory}/control.sock
`;
}
