/** A real nginx for one test, in a directory of its own. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { temporaryDirectory } from './temporary.ts';
import { startWebServer } from './web-server.ts';

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
  const serveArguments = [
    ...['-p', directory.path],
    ...['-c', configuration],
    ...['-e', directory.file('error.log')],
  ];
  const server = await startWebServer(
    {
      program: 'nginx',
      checkArguments: ['-t', ...serveArguments],
      serveArguments,
      pidFile: directory.file('nginx.pid'),
    },
    directory,
  );
  return {
    directory: directory.path,
    errorLog: () => readFileSync(directory.file('error.log'), 'utf8'),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
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
