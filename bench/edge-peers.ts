/** nginx with decisions that it remembers, with Portcullis asked each time, and alone: plain and over TLS. */

import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Configuration } from '../src/config/configuration.ts';
import { loadConfiguration } from '../src/config/load.ts';
import { renderNginxConfig } from '../src/front/nginx-config.ts';
import { writeTree } from '../test/support/application.ts';
import { startNginx } from '../test/support/nginx.ts';
import { type Credential, createPki, type Pki } from '../test/support/pki.ts';
import { portcullisProgram } from '../test/support/portcullis.ts';
import { freePort, stop, until } from '../test/support/processes.ts';

export interface EdgePeer {
  readonly name: string;
  readonly url: string;
  /** The processes of nginx that work for it. */
  readonly pids: readonly number[];
}

export interface EdgePeers extends AsyncDisposable {
  /** Each list begins with nginx alone. */
  readonly plain: readonly EdgePeer[];
  readonly tls: readonly EdgePeer[];
  /** The file with the certificate and the key of the client. */
  readonly clientFile: string;
}

/** Sizes of the files that are asked for, in KiB. */
export const fileKibibytes = [4, 100] as const;

const edgeDecisionSeconds = 5;

export async function createEdgePeers(): Promise<EdgePeers> {
  await using opened = new AsyncDisposableStack();
  const pki = opened.use(createPki());
  const files = fileKibibytes.map((size) => [`${size}.rpm`, 'x'.repeat(size * 1024)] as const);
  writeTree(pki.file('root'), Object.fromEntries(files));
  const authority = await pki.authority();
  const [client, server] = [await pki.client(authority), await pki.server(authority)];
  const configuration = await startPortcullis(pki, authority, server, opened);
  const start = async (http: (port: number) => string): Promise<Started> => {
    const port = await freePort();
    const nginx = opened.use(await startNginx(http(port)));
    return { port, pids: childrenOf(readFileSync(`${nginx.directory}/nginx.pid`, 'utf8').trim()) };
  };
  const front = (seconds: number, as: (text: string) => string) =>
    start((port) => as(render(configuration, seconds, port)));
  const alone = (listen: '' | 'ssl') =>
    start((port) => staticServer(port, listen, pki, configuration));
  const plainAs = (text: string): string => withoutTls(text, client);
  const ports = {
    plain: [await alone(''), await front(edgeDecisionSeconds, plainAs), await front(0, plainAs)],
    tls: [await alone('ssl'), await front(edgeDecisionSeconds, same), await front(0, same)],
  };
  const resources = opened.move();
  return {
    plain: peersAt('http', ports.plain),
    tls: peersAt('https', ports.tls),
    clientFile: pki.write('client-and-key.pem', client.certificate, client.key),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const names = ['nginx static', 'decisions that nginx remembers', 'Portcullis asked each time'];
const same = (text: string): string => text;

interface Started {
  readonly port: number;
  readonly pids: readonly number[];
}

function childrenOf(pid: string): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

function peersAt(scheme: string, started: readonly Started[]): readonly EdgePeer[] {
  return started.map(({ port, pids }, index) => ({
    name: names[index] ?? '',
    pids,
    url: `${scheme}://localhost:${port}/pulp/repos/acme/el9/`,
  }));
}

/** One process, over HTTP with keep-alive; its log goes to a file, as it would in service. */
async function startPortcullis(
  pki: Pki,
  { certificatePath: ca }: Credential,
  server: Credential,
  opened: AsyncDisposableStack,
): Promise<Configuration> {
  const socket = pki.file('http.sock');
  const headers = {
    clientCertificate: 'X-Client-Cert',
    clientAddress: 'X-Real-IP',
    scheme: 'X-Forwarded-Proto',
  };
  const handOff = 'x-accel-redirect';
  const written = {
    listen: { http: { address: `unix:${socket}`, handOff, trustedPeers: ['unix'], headers } },
    log: { file: pki.file('portcullis.log') },
    nginx: {
      edgeDecisionSeconds,
      certificate: server.certificatePath,
      key: server.keyPath,
      refusalLog: pki.file('refusals.log'),
    },
    distributions: [
      { relativeUrl: 'acme/el9', root: pki.file('root'), access: { certificate: { ca } } },
    ],
  };
  const file = pki.file('portcullis.yaml');
  writeFileSync(file, JSON.stringify(written));
  const line = [portcullisProgram, 'serve', '--single-process', '--config', file];
  const child = spawn(process.execPath, line, { stdio: ['ignore', 'ignore', 'inherit'] });
  opened.defer(() => stop(child));
  await until('Portcullis listens', () => existsSync(socket));
  const loaded = await loadConfiguration({ file, environment: {}, flags: {} });
  if ('configuration' in loaded) return loaded.configuration;
  throw new Error(JSON.stringify(loaded.problems));
}

function render(configuration: Configuration, seconds: number, port: number): string {
  const nginx = {
    ...configuration.nginx,
    listen: [`127.0.0.1:${port}`],
    edgeDecisionSeconds: seconds,
    decisionCache: `${configuration.baseDirectory}/decisions-${port}`,
  };
  return renderNginxConfig({ ...configuration, nginx });
}

/** What is rendered, on plain connections, each as if it were TLS with the client's certificate. */
function withoutTls(text: string, { certificate, der }: Credential): string {
  return text
    .replace(/^(\s*listen .+) ssl http2;$/m, '$1;')
    .replaceAll('$ssl_client_escaped_cert', `"${encodeURIComponent(certificate)}"`)
    .replaceAll('$ssl_client_fingerprint', hash('sha1', der, 'hex'))
    .replaceAll(' $scheme;', ' https;');
}

/** As the rendered one, without anybody who decides, and with the access log that nginx has by itself. */
function staticServer(port: number, listen: '' | 'ssl', pki: Pki, server: Configuration): string {
  const { certificate, key } = server.nginx;
  const tls = `
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_verify_client optional_no_ca;
    ssl_session_tickets off;
    ssl_session_cache off;`;
  return `
  server {
    listen 127.0.0.1:${port} ${listen};
    access_log ${pki.file('static.log')};
    sendfile on;
    ${listen === 'ssl' ? tls : ''}
    location /pulp/repos/acme/el9/ { alias ${pki.file('root')}/; }
  }`;
}
