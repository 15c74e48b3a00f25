/** A real nginx for one test, in a directory of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run, stop, until } from './processes.ts';
import { temporaryDirectory } from './temporary.ts';

export interface Nginx extends AsyncDisposable {
  readonly directory: string;
  /** What nginx wrote to its error log so far. */
  errorLog(): string;
}

/**
 * Starts nginx with `http`, the content of the `http` block. Its workers stay in the foreground's
 * process tree, run as root only where the test does, and listen where `http` says: on loopback.
 */
export async function startNginx(http: string): Promise<Nginx> {
  const directory = temporaryDirectory();
  mkdirSync(directory.file('tmp'), { mode: 0o777 });
  const configuration = directory.file('nginx.conf');
  writeFileSync(configuration, mainConfiguration(directory.path, http));
  const args = ['-p', directory.path, '-c', configuration, '-e', directory.file('error.log')];
  const check = await run('nginx', ['-t', ...args]);
  if (check.code !== 0) throw new Error(`nginx refused its configuration: ${check.stderr}`);
  const child = spawn('nginx', args, { stdio: 'ignore' });
  await ready(child, directory.file('nginx.pid'));
  return {
    directory: directory.path,
    errorLog: () => readFileSync(path.join(directory.path, 'error.log'), 'utf8'),
    [Symbol.asyncDispose]: async () => {
      await stop(child);
      directory[Symbol.dispose]();
    },
  };
}

async function ready(child: ChildProcess, pidFile: string): Promise<void> {
  await until('nginx writes its pid file', () => {
    if (child.exitCode !== null) throw new Error(`nginx exited with ${child.exitCode}`);
    return existsSync(pidFile) && readFileSync(pidFile, 'utf8').trim() !== '';
  });
}

function mainConfiguration(directory: string, http: string): string {
  const temporaryPaths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path ${directory}/tmp/${kind};`)
    .join('\n');
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  return `${user}daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log info;
events { worker_connections 4096; }
http {
${temporaryPaths}
  access_log off;
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
${http}
}
`;
}
