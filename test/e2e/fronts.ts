/** Every way in which Portcullis is put before clients, each with the real servers. */

import { existsSync, readFileSync } from 'node:fs';
import { startNginx } from '../support/nginx.ts';
import { type Portcullis, portcullisProgram, startPortcullis } from '../support/portcullis.ts';
import { freePort, runOk } from '../support/processes.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import type { Site } from './site.ts';

export interface Front extends AsyncDisposable {
  /** As `https://localhost:8443`. */
  readonly url: string;
  readonly port: number;
  readonly portcullis: Portcullis;
  /** The lines about requests that the front refused by itself. */
  refusalLog(): readonly string[];
}

/** nginx speaks uwsgi and sends the files by X-Accel-Redirect. */
export function nginxOverUwsgi(site: Site): Promise<Front> {
  return startBehindNginx(site, (socket) => ({
    uwsgi: { address: socket, handOff: 'x-accel-redirect' },
  }));
}

/** nginx speaks HTTP with keep-alive and sends the files by X-Accel-Redirect. */
export function nginxOverHttp(site: Site): Promise<Front> {
  return startBehindNginx(site, (socket) => ({
    http: {
      address: socket,
      handOff: 'x-accel-redirect',
      trustedPeers: ['unix'],
      headers: {
        clientCertificate: 'X-SSL-Client-Cert',
        clientVerify: 'X-SSL-Client-Verify',
        clientAddress: 'X-Real-IP',
        scheme: 'X-Forwarded-Proto',
      },
    },
  }));
}

/** No front: Portcullis terminates TLS and streams. */
export async function builtIn(site: Site): Promise<Front> {
  const port = await freePort();
  const { certificatePath: certificate, keyPath: key } = site.server;
  const portcullis = await startPortcullis({
    listen: { tls: { address: `127.0.0.1:${port}`, certificate, key } },
    distributions: site.distributions,
  });
  return {
    url: `https://localhost:${port}`,
    port,
    portcullis,
    refusalLog: () => [],
    [Symbol.asyncDispose]: () => portcullis[Symbol.asyncDispose](),
  };
}

async function startBehindNginx(site: Site, listen: (socket: string) => object): Promise<Front> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(temporaryDirectory());
  const refusalLog = directory.file('refusals.log');
  const port = await freePort();
  const configuration = {
    listen: listen(`unix:${directory.file('portcullis.sock')}`),
    nginx: {
      listen: [`127.0.0.1:${port}`],
      certificate: site.server.certificatePath,
      key: site.server.keyPath,
      refusalLog,
    },
    distributions: site.distributions,
  };
  const portcullis = stack.use(await startPortcullis(configuration));
  stack.use(await startNginx(await renderNginx(portcullis)));
  const owned = stack.move();
  return {
    url: `https://localhost:${port}`,
    port,
    portcullis,
    refusalLog: () => readLines(refusalLog),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What `portcullis nginx-config` writes. */
export async function renderNginx({ file }: Pick<Portcullis, 'file'>): Promise<string> {
  const args = [portcullisProgram, 'nginx-config', '--config', file];
  return (await runOk(process.execPath, args)).toString();
}

function readLines(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}
