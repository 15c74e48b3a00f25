/** A real proxy on the loopback address. */

import { readFileSync, writeFileSync } from 'node:fs';
import { freePort } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { startWebServer } from '../support/web-server.ts';

export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** What it wrote down so far of what it was asked. */
  log(): string;
}

/** It takes the user `u` with the password `p`. */
export async function startProxy(): Promise<Proxy> {
  const directory = temporaryDirectory();
  const port = await freePort();
  const configuration = directory.file('tinyproxy.conf');
  const log = directory.file('tinyproxy.log');
  writeFileSync(
    configuration,
    `Port ${port}
Listen 127.0.0.1
Timeout 60
LogFile "${log}"
LogLevel Connect
PidFile "${directory.file('tinyproxy.pid')}"
MaxClients 20
BasicAuth u p
`,
  );
  const server = await startWebServer(
    {
      program: 'tinyproxy',
      checkArguments: ['-v'],
      serveArguments: ['-d', '-c', configuration],
      pidFile: directory.file('tinyproxy.pid'),
    },
    directory,
  );
  return {
    port,
    log: () => readFileSync(log, 'utf8'),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
