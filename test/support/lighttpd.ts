/** A real lighttpd for one test, in a directory of its own. */

import { writeFileSync } from 'node:fs';
import { temporaryDirectory } from './temporary.ts';
import { startWebServer } from './web-server.ts';

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
  const server = {
    program: 'lighttpd',
    checkArguments: ['-tt', '-f', file],
    serveArguments: ['-D', '-f', file],
    pidFile,
  };
  return startWebServer(server, directory);
}
