/** Starts everything that is measured: one nginx, and behind it each way to decide. */

import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeTree } from '../test/support/application.ts';
import { startNginx } from '../test/support/nginx.ts';
import { createPki, type Pki } from '../test/support/pki.ts';
import { portcullisProgram } from '../test/support/portcullis.ts';
import { freePort, stop, until } from '../test/support/processes.ts';
import type { Peer } from './measure.ts';

export interface Peers extends AsyncDisposable {
  /** The one that the others are compared with comes first. */
  readonly list: readonly Peer[];
}

const fileBytes = 4096;
const target = '/pulp/repos/acme/el9/repodata/repomd.xml';
const responder = path.join(import.meta.dirname, 'responder.ts');

export async function createPeers(): Promise<Peers> {
  await using opened = new AsyncDisposableStack();
  const pki = opened.use(createPki());
  writeTree(pki.file('root'), { 'repodata/repomd.xml': 'x'.repeat(fileBytes) });
  const authority = await pki.authority();
  const client = await pki.client(authority);
  const sockets = {
    bare: pki.file('bare.sock'),
    objects: pki.file('objects.sock'),
    uwsgi: pki.file('uwsgi.sock'),
    http: pki.file('http.sock'),
  };
  const start = async (args: readonly string[], ...ready: readonly string[]): Promise<number> => {
    const child = opened.use(spawnNode(args));
    await until(`${args[0]} listens`, () => ready.every((socket) => existsSync(socket)));
    return child.pid;
  };
  const bare = await start([responder, 'bare', sockets.bare], sockets.bare);
  const objects = await start([responder, 'objects', sockets.objects], sockets.objects);
  const file = writeConfiguration(pki, authority.certificatePath, sockets);
  const serve = [portcullisProgram, 'serve', '--single-process', '--config', file];
  const portcullis = await start(serve, sockets.uwsgi, sockets.http);
  const ways = await portsFor(['static', 'bare', 'objects', 'uwsgi', 'http']);
  const blocks = serverBlocks(pki.file('root'), sockets, client.certificate);
  opened.use(await startNginx(ways.map(({ way, port }) => block(port, blocks[way])).join('')));
  const resources = opened.move();
  const url = (wanted: string): string =>
    `http://127.0.0.1:${ways.find(({ way }) => way === wanted)?.port}${target}`;
  return {
    list: [
      { name: 'nginx static', url: url('static'), pid: undefined },
      { name: 'bare uwsgi responder', url: url('bare'), pid: bare },
      { name: 'node:http objects over uwsgi', url: url('objects'), pid: objects },
      { name: 'Portcullis over uwsgi', url: url('uwsgi'), pid: portcullis },
      { name: 'Portcullis over HTTP', url: url('http'), pid: portcullis },
    ],
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

type Sockets = Readonly<Record<'bare' | 'objects' | 'uwsgi' | 'http', string>>;

/** Its log goes to a file, as it would in service. */
function writeConfiguration(pki: Pki, ca: string, sockets: Sockets): string {
  const handOff = 'x-accel-redirect';
  const configuration = {
    listen: {
      uwsgi: { address: `unix:${sockets.uwsgi}`, handOff },
      http: {
        address: `unix:${sockets.http}`,
        handOff,
        trustedPeers: ['unix'],
        headers: { clientCertificate: 'X-Client-Cert' },
      },
    },
    log: { file: pki.file('portcullis.log') },
    distributions: [
      { relativeUrl: 'acme/el9', root: pki.file('root'), access: { certificate: { ca } } },
    ],
  };
  writeFileSync(pki.file('portcullis.yaml'), JSON.stringify(configuration));
  return pki.file('portcullis.yaml');
}

function spawnNode(args: readonly string[]): AsyncDisposable & { readonly pid: number } {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (child.pid === undefined) throw new Error(`Cannot start ${args[0]}`);
  return { pid: child.pid, [Symbol.asyncDispose]: () => stop(child) };
}

async function portsFor<Way extends string>(
  ways: readonly Way[],
): Promise<readonly { readonly way: Way; readonly port: number }[]> {
  const ports: { way: Way; port: number }[] = [];
  for (const way of ways) ports.push({ way, port: await freePort() });
  return ports;
}

/** What stands in the server block of each way. */
function serverBlocks(root: string, sockets: Sockets, certificate: string) {
  const uwsgi = (socket: string): string => `
    location / {
      include /etc/nginx/uwsgi_params;
      uwsgi_param SSL_CLIENT_CERT "${certificate}";
      uwsgi_pass unix:${socket};
    }
    ${internal(root)}`;
  return {
    static: `location /pulp/repos/acme/el9/ { alias ${root}/; }`,
    bare: uwsgi(sockets.bare),
    objects: uwsgi(sockets.objects),
    uwsgi: uwsgi(sockets.uwsgi),
    http: `
    location / {
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Client-Cert "${encodeURIComponent(certificate)}";
      proxy_pass http://portcullis;
    }
    ${internal(root)}
  }
  upstream portcullis {
    server unix:${sockets.http};
    keepalive 32;`,
  };
}

function internal(root: string): string {
  return `location ^~ /portcullis-internal/acme/el9/!/ {
      internal;
      alias ${root}/;
      disable_symlinks on from=${root};
    }`;
}

function block(port: number, content: string): string {
  return `
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 1000000;
    ${content}
  }`;
}
